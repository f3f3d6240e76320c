import { type IsMember, LONGEST_NAME } from './member-names.ts';
import type { NameReader } from './name-reader.ts';
import type { Span } from './spans.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const LINE_FEED = 0x0a;
const NOTHING = new Uint8Array();
/** White space after a string in a masked array or object, beyond which it is a value whatever comes. */
const MOST_SPACE = 1024;

/** What the next byte belongs to. */
const BETWEEN = 0;
const STRING = 1;
const AFTER_STRING = 2;
const NUMBER = 3;

/**
 * Finds the values of masked members in JSON (RFC 8259): the inside of a string, a whole number, and every string and
 * number within an array or object. `true`, `false`, `null` and empty strings stay. Reads tokens only, so text that is no
 * valid JSON, cut off or very deep is read as far as it goes. `byLine` ends a string at the line's end. Strings longer
 * than any name are values even before a colon.
 */
export class MemberReader implements NameReader {
  readonly #isMember: IsMember;
  readonly #byLine: boolean;
  #spans: Span[] = [];
  #state = BETWEEN;
  #piece: Uint8Array = NOTHING;
  /** Where the piece begins in the body. */
  #base: number;
  #depth = 0;
  /** The depth at which the masked array or object we are in was opened; 0 outside of one. */
  #maskedDepth = 0;
  /** True when the value that comes next belongs to a masked name. */
  #isNext = false;
  /** Where the string or number we are in begins and ends, counted from the piece's beginning. */
  #start = 0;
  #end = 0;
  /** What came of that string in earlier pieces, while it may be a name. */
  #begun: Uint8Array = NOTHING;
  #isEscaped = false;

  constructor(isMasked: IsMember, byLine: boolean, base = 0) {
    this.#isMember = isMasked;
    this.#byLine = byLine;
    this.#base = base;
  }

  get open(): number {
    const isOpen = this.#isMasked() && (this.#state === STRING || this.#state === AFTER_STRING) && !this.#isValue();
    return isOpen ? this.#base + this.#start : this.#base;
  }

  push(piece: Uint8Array, isLast: boolean): Span[] {
    this.#spans = [];
    this.#piece = piece;
    for (let at = 0; at < piece.length;) {
      if (this.#state === BETWEEN) at = this.#between(at);
      else if (this.#state === STRING) at = this.#string(at);
      else if (this.#state === AFTER_STRING) at = this.#afterString(at);
      else at = this.#number(at);
    }
    this.#pause(isLast);
    return this.#spans;
  }

  #between(at: number): number {
    const piece = this.#piece;
    for (; at < piece.length; at += 1) {
      const byte = piece[at]!;
      if (byte === QUOTE) {
        const end = stringEnd(piece, at + 1, this.#byLine);
        if (!this.#isWhole(at + 1, end)) return this.#begin(STRING, at + 1);
        at = end;
      } else if (byte === 0x2d || (byte >= 0x30 && byte <= 0x39)) {
        let end = at + 1;
        while (end < piece.length && isNumeric(piece[end]!)) end += 1;
        if (end === piece.length || this.#isMasked()) return this.#begin(NUMBER, at);
        at = end - 1;
      } else if (byte === 0x7b || byte === 0x5b) this.#openNesting();
      else if (byte === 0x7d || byte === 0x5d) this.#closeNesting();
      else if (byte === COMMA || isLetter(byte)) this.#isNext = false;
    }
    return at;
  }

  /** The quick way for a string of which nothing has to wait: true where that is all there is to do about it. */
  #isWhole(start: number, end: number): boolean {
    const next = this.#piece[end + 1];
    if (next === undefined || isSpace(next) || (next === COLON && end - start > LONGEST_NAME)) return false;
    const isName = next === COLON;
    if (!isName && this.#isMasked()) return false;
    this.#isNext = isName && this.#isMember(this.#piece, start, end);
    return true;
  }

  #begin(state: number, start: number): number {
    this.#state = state;
    this.#start = start;
    return start;
  }

  #string(at: number): number {
    const { length } = this.#piece;
    const end = stringEnd(this.#piece, this.#isEscaped ? at + 1 : at, this.#byLine);
    this.#isEscaped = end > length;
    if (end >= length) return length;
    this.#end = end;
    this.#state = AFTER_STRING;
    return end + 1;
  }

  #afterString(at: number): number {
    const piece = this.#piece;
    while (at < piece.length && isSpace(piece[at]!)) at += 1;
    if (at === piece.length) return at;
    this.#state = BETWEEN;
    const isName = piece[at] === COLON;
    if (!isName || at - this.#end > MOST_SPACE || this.#isLong()) this.#mark(this.#end);
    this.#isNext = isName && this.#isName();
    this.#begun = NOTHING;
    return isName ? at + 1 : at;
  }

  #number(at: number): number {
    const piece = this.#piece;
    while (at < piece.length && isNumeric(piece[at]!)) at += 1;
    if (at === piece.length) return at;
    this.#endNumber(at);
    return at;
  }

  #endNumber(at: number): void {
    this.#mark(at, true);
    this.#isNext = false;
    this.#state = BETWEEN;
  }

  #openNesting(): void {
    this.#depth += 1;
    if (this.#isNext && this.#maskedDepth === 0) this.#maskedDepth = this.#depth;
    this.#isNext = false;
  }

  #closeNesting(): void {
    if (this.#depth === this.#maskedDepth) this.#maskedDepth = 0;
    this.#depth = Math.max(0, this.#depth - 1);
    this.#isNext = false;
  }

  #isMasked(): boolean {
    return this.#isNext || this.#maskedDepth > 0;
  }

  #isLong(): boolean {
    return this.#end - this.#start > LONGEST_NAME;
  }

  /** True once the string we are in, or have just left, cannot be a name any more. */
  #isValue(): boolean {
    if (this.#state === STRING) return -this.#start > LONGEST_NAME;
    return this.#isLong() || -this.#end > MOST_SPACE;
  }

  #isName(): boolean {
    if (this.#start >= 0) return this.#isMember(this.#piece, this.#start, this.#end);
    if (this.#isLong()) return false;
    const name = this.#end > 0 ? Buffer.concat([this.#begun, this.#piece.subarray(0, this.#end)]) : this.#begun;
    return this.#isMember(name, 0, name.length);
  }

  #mark(end: number, quoted = false): void {
    if (!this.#isMasked() || end <= this.#start) return;
    this.#spans.push({ start: this.#base + this.#start, end: this.#base + end, ...(quoted && { quoted }) });
  }

  /** The piece is over: gives what is certain of a value that goes on, and keeps what may be a name. */
  #pause(isLast: boolean): void {
    const { length } = this.#piece;
    if (this.#state === STRING || this.#state === AFTER_STRING) this.#keepName(length);
    this.#base += length;
    this.#start -= length;
    this.#end -= length;
    this.#piece = NOTHING;
    if (this.#state === NUMBER) this.#mark(0, true);
    if (this.#state === STRING && (isLast || this.#isValue())) this.#mark(0);
    if (this.#state === AFTER_STRING && (isLast || this.#isValue())) this.#mark(this.#end);
  }

  #keepName(length: number): void {
    const end = this.#state === STRING ? length : this.#end;
    if (end <= 0) return;
    const isLong = end - this.#start > LONGEST_NAME;
    this.#begun = isLong ? NOTHING : Buffer.concat([this.#begun, this.#piece.subarray(Math.max(0, this.#start), end)]);
  }
}

/** The closing quote's place, or the piece's end or beyond. */
function stringEnd(bytes: Uint8Array, at: number, byLine: boolean): number {
  const { length } = bytes;
  while (at < length) {
    const byte = bytes[at]!;
    if (byte === QUOTE || (byLine && byte === LINE_FEED)) break;
    at += byte === BACKSLASH ? 2 : 1;
  }
  return at;
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function isNumeric(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || byte === 0x2e || byte === 0x2b || byte === 0x2d || (byte | 32) === 0x65;
}

function isLetter(byte: number): boolean {
  return (byte | 32) >= 97 && (byte | 32) <= 122;
}
