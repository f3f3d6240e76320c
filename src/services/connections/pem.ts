/** One block of a PEM text (RFC 7468): what it says it is, and its content in base64. */
export interface PemBlock {
  readonly label: string;
  readonly base64: string;
}

const BEGIN = /-----BEGIN ([A-Z0-9 ]{1,40})-----/g;

/**
 * The blocks of a PEM text, in order; what stands between them is left out. Line breaks may have been lost on the way, or
 * be written as `\n`. A block without an end is none, and nothing after it is.
 */
export function pemBlocks(text: string): readonly PemBlock[] {
  const blocks: PemBlock[] = [];
  for (const { 0: begin, 1: label = '', index } of text.matchAll(BEGIN)) {
    const start = index + begin.length;
    const end = text.indexOf(`-----END ${label}-----`, start);
    if (end === -1) break;
    blocks.push({ label, base64: text.slice(start, end).replaceAll(/\\[rn]|\s/g, '') });
  }
  return blocks;
}

/** A block as PEM writes it: lines of 64 characters. */
export function pemOf({ label, base64 }: PemBlock): string {
  const lines = base64.match(/.{1,64}/g) ?? [];
  return `${[`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`].join('\n')}\n`;
}
