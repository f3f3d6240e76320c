import { foldName } from './names.ts';
import type { Span } from './spans.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const LINE_FEED = 0x0a;
const LONGEST_NAME = 64;

/** Asks about a member's name as it stands between its quotes. */
type IsMember = (bytes: Uint8Array, start: number, end: number) => boolean;

/**
 * Where the values of masked members stand in JSON (RFC 8259): the inside of a string, a whole number, and every string
 * and number within an array or object. `true`, `false`, `null` and empty strings stay. Reads tokens only, so text that
 * is no valid JSON, cut off or very deep is read as far as it goes. `byLine` ends a string at the line's end.
 */
export function memberSpans(bytes: Uint8Array, names: ReadonlySet<string>, byLine: boolean): Span[] {
  return new MemberReader(bytes, isMember(names), byLine).spans();
}

class MemberReader {
  readonly #bytes: Uint8Array;
  readonly #isMember: IsMember;
  readonly #byLine: boolean;
  readonly #spans: Span[] = [];
  #depth = 0;
  /** The depth at which the masked array or object we are in was opened; 0 outside of one. */
  #maskedDepth = 0;
  /** True when the value that comes next belongs to a masked name. */
  #isNext = false;

  constructor(bytes: Uint8Array, isMasked: IsMember, byLine: boolean) {
    this.#bytes = bytes;
    this.#isMember = isMasked;
    this.#byLine = byLine;
  }

  spans(): Span[] {
    const bytes = this.#bytes;
    let at = 0;
    while (at < bytes.length) {
      const byte = bytes[at]!;
      if (byte === QUOTE) at = this.#string(at + 1);
      else if (byte === 0x7b || byte === 0x5b) at = this.#open(at);
      else if (byte === 0x7d || byte === 0x5d) at = this.#close(at);
      else if (byte === 0x2d || (byte >= 0x30 && byte <= 0x39)) at = this.#number(at);
      else {
        if (byte === COMMA || isLetter(byte)) this.#isNext = false;
        at += 1;
      }
    }
    return this.#spans;
  }

  #string(start: number): number {
    const end = stringEnd(this.#bytes, start, this.#byLine);
    const after = skipSpace(this.#bytes, end + 1);
    if (this.#bytes[after] === COLON) {
      this.#isNext = this.#isMember(this.#bytes, start, end);
      return after + 1;
    }
    if (this.#isMasked() && end > start) this.#spans.push({ start, end });
    this.#isNext = false;
    return end + 1;
  }

  #number(start: number): number {
    let end = start + 1;
    while (end < this.#bytes.length && isNumeric(this.#bytes[end]!)) end += 1;
    if (this.#isMasked()) this.#spans.push({ start, end, quoted: true });
    this.#isNext = false;
    return end;
  }

  #open(at: number): number {
    this.#depth += 1;
    if (this.#isNext && this.#maskedDepth === 0) this.#maskedDepth = this.#depth;
    this.#isNext = false;
    return at + 1;
  }

  #close(at: number): number {
    if (this.#depth === this.#maskedDepth) this.#maskedDepth = 0;
    this.#depth = Math.max(0, this.#depth - 1);
    this.#isNext = false;
    return at + 1;
  }

  #isMasked(): boolean {
    return this.#isNext || this.#maskedDepth > 0;
  }
}

/** Most members are none of ours: a small table over the folded names' lengths and ends says so without making text. */
function isMember(names: ReadonlySet<string>): IsMember {
  const marks = new Uint8Array(1024);
  for (const name of names) marks[markOf(Buffer.from(name), 0, Buffer.byteLength(name))] = 1;
  return (bytes, start, end) => {
    const mark = markOf(bytes, start, end);
    if (mark >= 0 && marks[mark] === 0) return false;
    if (end - start > 6 * LONGEST_NAME) return false;
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

/** The closing quote's place, or the end of what there is. */
function stringEnd(bytes: Uint8Array, at: number, byLine: boolean): number {
  while (at < bytes.length) {
    const byte = bytes[at]!;
    if (byte === QUOTE || (byLine && byte === LINE_FEED)) return at;
    at += byte === BACKSLASH ? 2 : 1;
  }
  return bytes.length;
}

function skipSpace(bytes: Uint8Array, at: number): number {
  for (; at < bytes.length; at += 1) {
    const byte = bytes[at]!;
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
  }
  return at;
}

function isNumeric(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || byte === 0x2e || byte === 0x2b || byte === 0x2d || (byte | 32) === 0x65;
}

function isLetter(byte: number): boolean {
  return (byte | 32) >= 97 && (byte | 32) <= 122;
}
