import { type EscapeKind, OPEN } from './escapes.ts';
import { Sites } from './sites.ts';
import type { Span } from './spans.ts';

const NOTHING = new Uint8Array();
const LONGEST_CHARACTER = 4;
const LONG_STRETCH = 64;
const one = new Uint8Array(LONGEST_CHARACTER);

/**
 * Undoes one kind of escape in a text that comes in pieces, and knows the way back to where each byte stood. Positions
 * count from the text's beginning, here and there.
 */
export class Unescaper {
  readonly kind: EscapeKind;
  readonly #sites: Sites;
  /** What may be the beginning of an escape. */
  #held = NOTHING;
  /** The byte before what comes next. */
  #before: number | undefined;
  #consumed: number;
  #given: number;

  /** `at` is where the text stands, before it nothing was escaped. `before` is the byte there. */
  constructor(kind: EscapeKind, at: number, before: number | undefined, sites = new Sites()) {
    this.kind = kind;
    this.#consumed = at;
    this.#given = at;
    this.#before = before;
    this.#sites = sites;
  }

  /** Up to where the text is consumed; an escape that may be one begins there. */
  get consumed(): number {
    return this.#consumed;
  }

  get isHolding(): boolean {
    return this.#held.length > 0;
  }

  /** Where the last escape ended, here and in the source; before it the two texts differ. -1 without any. */
  get lastSite(): { readonly to: number; readonly sourceEnd: number } {
    return this.#sites.last;
  }

  copy(): Unescaper {
    const copy = new Unescaper(this.kind, this.#consumed, this.#before, this.#sites.copy());
    copy.#held = this.#held;
    copy.#given = this.#given;
    return copy;
  }

  /** Takes the next piece and gives the text that stands for it, as far as that can be told. */
  push(piece: Uint8Array, isLast: boolean): Uint8Array {
    const hasContext = this.#before !== undefined && (this.isHolding || piece[0] === this.kind.first);
    const bytes = hasContext ? Buffer.concat([Buffer.of(this.#before!), this.#held, piece]) : this.#joined(piece);
    const from = hasContext ? 1 : 0;
    return this.#undo(bytes, from, isLast);
  }

  toSource(span: Span): Span {
    return { start: this.#sites.sourceStart(span.start), end: this.#sites.sourceEnd(span.end - 1) };
  }

  sourceOf(at: number): number {
    return this.#sites.sourceStart(at);
  }

  /** Nobody will ask about what stands before. */
  forget(before: number): void {
    this.#sites.forget(before);
  }

  #joined(piece: Uint8Array): Uint8Array {
    return this.isHolding ? Buffer.concat([this.#held, piece]) : piece;
  }

  #undo(bytes: Uint8Array, from: number, isLast: boolean): Uint8Array {
    const { first, undo } = this.kind;
    const sourceBase = this.#consumed - from;
    let end = bytes.length;
    let out: Uint8Array | null = null;
    let to = 0;
    let copied = from;
    for (let at = nextOf(bytes, first, from); at < bytes.length; at = nextOf(bytes, first, at)) {
      const packed = undo(bytes, at, one, isLast);
      if (packed === 0) {
        at += 1;
        continue;
      }
      if (packed === OPEN) {
        end = at;
        break;
      }
      const written = packed & 7;
      out ??= new Uint8Array(bytes.length);
      to = copy(bytes, copied, at, out, to);
      copied = at + (packed >>> 3);
      this.#sites.add(this.#given + to, this.#given + to + written, sourceBase + at, sourceBase + copied);
      to = copy(one, 0, written, out, to);
      at = copied;
    }
    if (out) to = copy(bytes, copied, end, out, to);
    this.#settle(bytes, from, end);
    const text = out ? out.subarray(0, to) : bytes.subarray(from, end);
    this.#given += text.length;
    return text;
  }

  #settle(bytes: Uint8Array, from: number, end: number): void {
    this.#consumed += end - from;
    this.#held = end < bytes.length ? new Uint8Array(bytes.subarray(end)) : NOTHING;
    if (end > 0) this.#before = bytes[end - 1];
  }
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
