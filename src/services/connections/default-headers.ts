import type { FieldFault } from '../../kernel/errors.ts';
import { type HeaderPairs } from '../../kernel/headers.ts';
import type { Masker } from '../../kernel/masker.ts';
import { headerFaults } from '../../outbound/request-target.ts';

/**
 * Default headers are shown to everybody who may look, so a secret has no place in them: neither by its name or shape
 * nor one that the connection holds, which `masker` knows.
 */
export function defaultHeaderFaults(headers: HeaderPairs, masker: Masker): FieldFault[] {
  const shown = masker.headers(headers);
  const secret = headers.flatMap(([name, value], index) =>
    shown[index]?.[1] === value
      ? []
      : [
          {
            pointer: `/headers/${index}`,
            detail: `"${name}" carries a secret. Choose "API key" under authorisation, where it is sealed.`,
          },
        ],
  );
  return [...headerFaults(headers), ...secret];
}
