import { ESCAPE_KINDS, type EscapeKind } from './escapes.ts';
import type { Span } from './spans.ts';

/** No openable escape is longer. */
const LONGEST_TAIL = 64;
const LONGEST_CHARACTER = 4;
const LONG_STRETCH = 64;

/** A text with one kind of escape undone, and the way back to where each byte stood. */
export interface Unescaped {
  readonly bytes: Uint8Array;
  readonly isInnermost: boolean;
  /** Where the source holds what stands here. */
  toSource(span: Span): Span;
}

/** The text with each kind of escape undone that it has. */
export function unescapings(bytes: Uint8Array): Unescaped[] {
  const all: Unescaped[] = [];
  for (const kind of ESCAPE_KINDS) {
    const unescaped = bytes.includes(kind.first) ? unescape(bytes, kind) : null;
    if (unescaped) all.push(unescaped);
  }
  return all;
}

/** As `unescapings`, of a text that goes on later: `openFrom` is where an escape begins that may not be whole yet. */
export function openUnescapings(bytes: Uint8Array): { readonly unescaped: Unescaped; readonly openFrom: number }[] {
  const tail = Buffer.from(bytes.subarray(-LONGEST_TAIL)).toString('latin1');
  return ESCAPE_KINDS.flatMap((kind) => {
    if (!bytes.includes(kind.first)) return [];
    const openFrom = bytes.length - (kind.openTail.exec(tail)?.[1]?.length ?? 0);
    const whole = bytes.subarray(0, openFrom);
    return [
      {
        unescaped: unescape(whole, kind) ?? { bytes: whole, isInnermost: true, toSource: (span: Span) => span },
        openFrom,
      },
    ];
  });
}

function unescape(bytes: Uint8Array, { first, undo, isInnermost = false }: EscapeKind): Unescaped | null {
  const sites = new Sites();
  const one = new Uint8Array(LONGEST_CHARACTER);
  let out = one;
  let to = 0;
  let copied = 0;
  for (let at = nextOf(bytes, first, 0); at < bytes.length; at = nextOf(bytes, first, at)) {
    const packed = undo(bytes, at, one, 0);
    if (packed === 0) {
      at += 1;
      continue;
    }
    const written = packed & 7;
    if (sites.count === 0) out = new Uint8Array(bytes.length);
    to = copy(bytes, copied, at, out, to);
    copied = at + (packed >>> 3);
    sites.add(to, to + written, at, copied);
    to = copy(one, 0, written, out, to);
    at = copied;
  }
  if (sites.count === 0) return null;
  to = copy(bytes, copied, bytes.length, out, to);
  return { bytes: out.subarray(0, to), isInnermost, toSource: (span) => sites.toSource(span) };
}

/** Where the byte stands next, or the end: near ones by hand, far ones by the platform, each where it is faster. */
function nextOf(bytes: Uint8Array, wanted: number, from: number): number {
  const near = Math.min(bytes.length, from + LONG_STRETCH);
  for (let at = from; at < near; at += 1) if (bytes[at] === wanted) return at;
  const far = near < bytes.length ? bytes.indexOf(wanted, near) : -1;
  return far < 0 ? bytes.length : far;
}

/** Copies a stretch and gives where it ends; a short one byte by byte, which is faster. */
function copy(from: Uint8Array, start: number, end: number, into: Uint8Array, to: number): number {
  if (end - start > LONG_STRETCH) into.set(from.subarray(start, end), to);
  else for (let at = start; at < end; at += 1) into[to + at - start] = from[at]!;
  return to + end - start;
}

/** Where escapes stood: in what they became, and in the source. */
class Sites {
  readonly #from: number[] = [];
  readonly #to: number[] = [];
  readonly #source: number[] = [];
  readonly #sourceEnd: number[] = [];

  get count(): number {
    return this.#from.length;
  }

  add(from: number, to: number, source: number, sourceEnd: number): void {
    this.#from.push(from);
    this.#to.push(to);
    this.#source.push(source);
    this.#sourceEnd.push(sourceEnd);
  }

  toSource({ start, end }: Span): Span {
    return { start: this.#sourceOf(start, this.#source, 0), end: this.#sourceOf(end - 1, this.#sourceEnd, 1) };
  }

  /** The edge in the source of the byte at `at`: `width` 0 for where it begins, 1 for where it ends. */
  #sourceOf(at: number, edges: readonly number[], width: number): number {
    const site = this.#lastUpTo(at);
    if (site < 0) return at + width;
    const to = this.#to[site]!;
    return at < to ? edges[site]! : this.#sourceEnd[site]! + (at - to) + width;
  }

  #lastUpTo(at: number): number {
    let low = 0;
    let high = this.#from.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#from[middle]! <= at) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
