import type { FieldFault } from '../../kernel/errors.ts';
import type { HeaderPairs } from '../../kernel/headers.ts';
import { headerFaults } from '../../outbound/request-target.ts';
import { isSecretHeader } from '../../secrets/names.ts';

/** Default headers are shown to everybody who may look, so a secret has no place in them. */
export function checkDefaultHeaders(headers: HeaderPairs): FieldFault[] {
  const secret = headers.flatMap(([name], index) =>
    isSecretHeader(name)
      ? [
          {
            pointer: `/headers/${index}`,
            detail: `"${name}" carries a secret. Choose "API key" under authorisation, where it is sealed.`,
          },
        ]
      : [],
  );
  return [...headerFaults(headers), ...secret];
}
