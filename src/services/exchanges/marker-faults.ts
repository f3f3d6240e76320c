import type { FieldFault } from '../../kernel/errors.ts';
import type { HeaderPairs } from '../../kernel/headers.ts';
import { REDACTED } from '../../kernel/masker.ts';

interface Written {
  readonly path: string;
  readonly query?: HeaderPairs | undefined;
  readonly headers: HeaderPairs;
  readonly body: Uint8Array | null;
}

/** A record taken up again has the marker where a secret stood; sent as it is, it would be taken for the value. */
export function markerFaults({ path, query = [], headers, body }: Written): FieldFault[] {
  return [
    ...(path.includes(REDACTED) ? [fault('/path', 'the path')] : []),
    ...pairFaults('/query', query),
    ...pairFaults('/headers', headers),
    ...(body && Buffer.from(body.buffer, body.byteOffset, body.byteLength).includes(REDACTED)
      ? [fault('/body', 'the body')]
      : []),
  ];
}

function pairFaults(pointer: string, pairs: HeaderPairs): FieldFault[] {
  return pairs.flatMap(([name, value], at) =>
    name.includes(REDACTED) || value.includes(REDACTED) ? [fault(`${pointer}/${at}`, name)] : [],
  );
}

function fault(pointer: string, place: string): FieldFault {
  return {
    pointer,
    detail: `${REDACTED} stands in ${place} where a secret was. Write the secret there, or take it out.`,
  };
}
