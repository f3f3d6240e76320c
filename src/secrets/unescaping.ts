import { ESCAPE_KINDS, type EscapeKind } from './escapes.ts';
import type { Span } from './spans.ts';

/** No openable escape is longer. */
const LONGEST_TAIL = 64;

/** A text with one kind of escape undone, and the way back to where each byte stood. */
export interface Unescaped {
  readonly bytes: Uint8Array;
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
    return [{ unescaped: unescape(whole, kind) ?? { bytes: whole, toSource: (span) => span }, openFrom }];
  });
}

function unescape(bytes: Uint8Array, { first, undo }: EscapeKind): Unescaped | null {
  const sites = new Sites();
  let out = bytes;
  let to = 0;
  let at = 0;
  while (at < bytes.length) {
    const next = bytes.indexOf(first, at);
    if (next < 0) break;
    if (sites.count === 0) {
      const packed = undo(bytes, next, SCRATCH, 0);
      if (packed === 0) {
        at = next + 1;
        continue;
      }
      out = Buffer.allocUnsafe(bytes.length);
      at = 0;
    }
    for (; at < next; at += 1) out[to++] = bytes[at]!;
    const packed = undo(bytes, at, out, to);
    if (packed === 0) out[to++] = bytes[at++]!;
    else {
      sites.add(to, to + (packed & 7), at, at + (packed >>> 3));
      to += packed & 7;
      at += packed >>> 3;
    }
  }
  if (sites.count === 0) return null;
  out.set(bytes.subarray(at), to);
  return { bytes: out.subarray(0, to + bytes.length - at), toSource: (span) => sites.toSource(span) };
}

const SCRATCH = new Uint8Array(16);

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
