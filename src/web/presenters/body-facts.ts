import { exactSize } from './measures.ts';

/** Sizes in bytes and SHA-256 in hex: of what is kept, masked and without its coding, and of the whole on the wire. */
interface Measured {
  readonly size: number;
  readonly sha256: string;
  readonly truncated: boolean;
  /** Null for what was sent. */
  readonly wireBytes: number | null;
  readonly wireSha256: string | null;
}

/** The sizes and hashes of a body as pages list them. */
export function bodyFacts({ size, sha256, truncated, wireBytes, wireSha256 }: Measured) {
  const hash = (name: string, text: string) => ({ name, text, isHash: true });
  const said = (name: string, text: string) => ({ name, text, isHash: false });
  return [
    said('Kept', truncated ? `the first ${exactSize(size)}` : exactSize(size)),
    hash('SHA-256, kept', sha256),
    ...(wireBytes === null ? [] : [said('On the wire', `${exactSize(wireBytes)}${truncated ? ' in all' : ''}`)]),
    ...(wireSha256 === null ? [] : [hash('SHA-256, wire', wireSha256)]),
    ...(wireBytes !== null && wireSha256 === null
      ? [said('SHA-256, wire', 'not on record: something was masked, or the call was imported')]
      : []),
  ];
}
