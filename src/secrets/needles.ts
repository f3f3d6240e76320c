import type { Span } from './spans.ts';

/** One form of a secret to look for. */
export interface Needle {
  readonly bytes: Uint8Array;
  /** True where letters may come in either case (hexadecimal digits). */
  readonly caseless: boolean;
  /** True where the base64 digit before, or the one after, holds some bits of the secret too. */
  readonly sharesFirst: boolean;
  readonly sharesLast: boolean;
}

const TABLE_SIZE = 8192;
const BLOCK = 3;
const PADDING = 0x3d;
const MOST_PADDING = 2;
/** One digit that is shared, then padding. */
const MOST_TAIL = 1 + MOST_PADDING;
const LONGEST_WINDOW = 64;

/** Each byte with ASCII letters in lower case: tables are filled and asked by folded bytes, needles decide themselves. */
const FOLDED = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 65 && byte <= 90 ? byte + 32 : byte));
const BASE64_DIGIT = Uint8Array.from({ length: 256 }, (_, byte) =>
  /[A-Za-z0-9+/_-]/.test(String.fromCharCode(byte)) ? 1 : 0,
);

/**
 * Looks for many needles at once by skipping: Wu and Manber, "A fast algorithm for multi-pattern searching" (1994),
 * with blocks of three bytes. Time grows with the text and hardly with the number of needles.
 */
export class Needles {
  readonly #window: number;
  readonly #shifts: Uint8Array;
  readonly #byWindow = new Map<number, Needle[]>();
  readonly #byStart = new Map<number, Needle[]>();
  readonly #starts = new Uint8Array(TABLE_SIZE);
  readonly #all: readonly Needle[];
  readonly #longest: number;

  constructor(needles: readonly Needle[]) {
    this.#all = needles;
    this.#longest = Math.max(0, ...needles.map(({ bytes }) => bytes.length));
    this.#window = Math.min(LONGEST_WINDOW, ...needles.map(({ bytes }) => bytes.length));
    this.#shifts = new Uint8Array(TABLE_SIZE).fill(this.#window - BLOCK + 1);
    for (const needle of needles) this.#add(needle);
  }

  /** Bytes of the shortest needle: nothing shorter can hold one. */
  get shortest(): number {
    return this.#all.length === 0 ? Infinity : this.#window;
  }

  /** Where needles stand that begin at `from` or later and before `to`, overlapping ones included. */
  find(bytes: Uint8Array, from = 0, to = bytes.length): Span[] {
    const spans: Span[] = [];
    if (this.#all.length === 0) return spans;
    const shifts = this.#shifts;
    const end = Math.min(bytes.length, to + this.#window - 1);
    let at = from + this.#window - 1;
    while (at < end) {
      const hash = hashAt(bytes, at - 2);
      const shift = shifts[hash]!;
      if (shift > 0) at += shift;
      else {
        this.#matchAt(bytes, at - this.#window + 1, this.#byWindow.get(hash)!, spans);
        at += 1;
      }
    }
    return spans;
  }

  /**
   * The first place, `from` or later, where a needle begins that the text's end may have cut off; the text's length
   * where there is none. `shares` where the digit before may belong to the secret too.
   */
  openFrom(bytes: Uint8Array, from = 0): { readonly at: number; readonly shares: boolean } {
    const { length } = bytes;
    let at = Math.max(from, length - this.#longest - MOST_TAIL + 1);
    for (; at <= length - BLOCK; at += 1) {
      if (this.#starts[hashAt(bytes, at)] === 0) continue;
      const open = this.#byStart.get(hashAt(bytes, at))!.filter((needle) => isOpenAt(bytes, at, needle));
      if (open.length > 0) return { at, shares: sharesBefore(bytes, at, open) };
    }
    for (; at < length; at += 1) {
      const open = this.#all.filter((needle) => isOpenAt(bytes, at, needle));
      if (open.length > 0) return { at, shares: sharesBefore(bytes, at, open) };
    }
    return { at: length, shares: sharesBefore(bytes, length, this.#all) };
  }

  #add(needle: Needle): void {
    const last = this.#window - BLOCK;
    for (let at = 0; at <= last; at += 1) {
      const hash = hashAt(needle.bytes, at);
      this.#shifts[hash] = Math.min(this.#shifts[hash]!, last - at);
    }
    push(this.#byWindow, hashAt(needle.bytes, last), needle);
    push(this.#byStart, hashAt(needle.bytes, 0), needle);
    this.#starts[hashAt(needle.bytes, 0)] = 1;
  }

  #matchAt(bytes: Uint8Array, start: number, candidates: readonly Needle[], spans: Span[]): void {
    for (const needle of candidates) {
      if (start + needle.bytes.length <= bytes.length && agrees(bytes, start, needle, needle.bytes.length)) {
        spans.push(widened(bytes, start, needle));
      }
    }
  }
}

function hashAt(bytes: Uint8Array, at: number): number {
  return (
    ((FOLDED[bytes[at]!]! << 6) ^ (FOLDED[bytes[at + 1]!]! << 3) ^ (FOLDED[bytes[at + 2]!]! * 37)) & (TABLE_SIZE - 1)
  );
}

function agrees(bytes: Uint8Array, start: number, { bytes: wanted, caseless }: Needle, length: number): boolean {
  for (let at = 0; at < length; at += 1) {
    const one = bytes[start + at]!;
    const other = wanted[at]!;
    if (one !== other && (!caseless || FOLDED[one] !== FOLDED[other])) return false;
  }
  return true;
}

/** True where a needle begins here and the text's end cuts it off, or its shared last digit and padding. */
function isOpenAt(bytes: Uint8Array, at: number, needle: Needle): boolean {
  const end = at + needle.bytes.length;
  if (end <= bytes.length && !(needle.sharesLast && isTailOpen(bytes, end))) return false;
  return agrees(bytes, at, needle, Math.min(needle.bytes.length, bytes.length - at));
}

function sharesBefore(bytes: Uint8Array, at: number, needles: readonly Needle[]): boolean {
  return at > 0 && BASE64_DIGIT[bytes[at - 1]!] === 1 && needles.some(({ sharesFirst }) => sharesFirst);
}

function isTailOpen(bytes: Uint8Array, end: number): boolean {
  if (end < bytes.length && BASE64_DIGIT[bytes[end]!]) end += 1;
  const most = end + MOST_PADDING;
  while (end < most && bytes[end] === PADDING) end += 1;
  return end === bytes.length && end < most;
}

function widened(bytes: Uint8Array, start: number, needle: Needle): Span {
  let end = start + needle.bytes.length;
  if (needle.sharesFirst && start > 0 && BASE64_DIGIT[bytes[start - 1]!]) start -= 1;
  if (needle.sharesLast) {
    if (end < bytes.length && BASE64_DIGIT[bytes[end]!]) end += 1;
    for (let padding = 0; padding < MOST_PADDING && bytes[end] === PADDING; padding += 1) end += 1;
  }
  return { start, end };
}

function push(map: Map<number, Needle[]>, key: number, needle: Needle): void {
  const list = map.get(key);
  if (list) list.push(needle);
  else map.set(key, [needle]);
}
