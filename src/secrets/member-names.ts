import { foldName } from './folding.ts';

/** Names longer than this, as they are written, are none of ours. */
export const LONGEST_NAME = 384;

const BACKSLASH = 0x5c;

/** Asks about a member's name as it stands between its quotes. */
export type IsMember = (bytes: Uint8Array, start: number, end: number) => boolean;

/** Most members are none of ours: a small table over the folded names' lengths and ends says so without making text. */
export function isMember(names: ReadonlySet<string>): IsMember {
  const marks = new Uint8Array(1024);
  for (const name of names) marks[markOf(Buffer.from(name), 0, Buffer.byteLength(name))] = 1;
  return (bytes, start, end) => {
    if (end - start > LONGEST_NAME) return false;
    const mark = markOf(bytes, start, end);
    if (mark >= 0 && marks[mark] === 0) return false;
    return names.has(foldName(nameAt(bytes, start, end)));
  };
}

/** A number from 0 to 1023 for the folded name, or -1 where it holds an escape or a byte beyond ASCII. */
function markOf(bytes: Uint8Array, start: number, end: number): number {
  let mark = 0;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at]!;
    if (byte === BACKSLASH || byte > 0x7f) return -1;
    if (byte !== 0x2d && byte !== 0x5f) mark = (mark * 31 + (byte >= 65 && byte <= 90 ? byte + 32 : byte)) & 1023;
  }
  return mark;
}

function nameAt(bytes: Uint8Array, start: number, end: number): string {
  const raw = Buffer.from(bytes.subarray(start, end)).toString();
  if (!raw.includes('\\')) return raw;
  try {
    return String(JSON.parse(`"${raw}"`));
  } catch {
    return raw;
  }
}
