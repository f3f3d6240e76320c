import type { BodyMaskStream } from '../kernel/masker.ts';
import type { ByValue } from './by-value.ts';
import type { NameReader } from './name-reader.ts';
import { MARKER, QUOTED_MARKER, type Span, byStart } from './spans.ts';
import type { ValueReader } from './value-reader.ts';

const NOTHING = new Uint8Array();

/**
 * Masks a body that comes in pieces, wherever a piece ends. Only what may be the beginning of a secret is held back:
 * never more than the longest form of the longest secret, or than is judged at once by its looks. A value of any length
 * becomes one marker; bytes without secrets come out as they went in.
 */
export class MaskStream implements BodyMaskStream {
  readonly #names: NameReader;
  readonly #values: ValueReader;
  /** Stretches that begin in what is held. */
  #spans: Span[] = [];
  #held: Uint8Array = NOTHING;
  /** How much of the body has gone out, and up to where it is masked by a marker that has. */
  #released = 0;
  #maskedUntil = 0;
  #hasMasked = false;

  constructor(names: NameReader, values: ByValue) {
    this.#names = names;
    this.#values = values.reader();
  }

  get masked(): boolean {
    return this.#hasMasked;
  }

  push(bytes: Uint8Array): Uint8Array {
    this.#add(this.#names.push(bytes, false));
    this.#add(this.#values.push(bytes, false));
    return this.#release(bytes, Math.min(this.#names.open, this.#values.open));
  }

  end(isCut = false): Uint8Array {
    this.#add(this.#names.push(NOTHING, true));
    this.#add(this.#values.end(isCut));
    return this.#release(NOTHING, Infinity);
  }

  #add(spans: readonly Span[]): void {
    for (const span of spans) if (span.end > this.#released) this.#spans.push(span);
  }

  /** Gives what comes before `until`, a place in the body, and holds the rest. */
  #release(piece: Uint8Array, until: number): Uint8Array {
    const bytes = this.#held.length === 0 ? piece : Buffer.concat([this.#held, piece]);
    const base = this.#released;
    const end = Math.min(until - base, bytes.length);
    this.#released = base + end;
    this.#held = end < bytes.length ? new Uint8Array(bytes.subarray(end)) : NOTHING;
    if (this.#spans.length === 0 && this.#maskedUntil <= base)
      return end === bytes.length ? bytes : bytes.subarray(0, end);
    return this.#masked(bytes.subarray(0, end), base);
  }

  #masked(bytes: Uint8Array, base: number): Uint8Array {
    const end = base + bytes.length;
    const due = this.#spans.filter(({ start }) => start < end).sort(byStart);
    this.#spans = this.#spans.filter(({ start }) => start >= end);
    const parts: Uint8Array[] = [];
    let from = base;
    for (const span of due) {
      if (span.start >= this.#maskedUntil) {
        parts.push(bytes.subarray(Math.max(from, this.#maskedUntil) - base, span.start - base));
        parts.push(span.quoted ? QUOTED_MARKER : MARKER);
        this.#hasMasked = true;
        from = span.start;
      }
      this.#maskedUntil = Math.max(this.#maskedUntil, span.end);
    }
    parts.push(bytes.subarray(Math.max(from, this.#maskedUntil) - base));
    return Buffer.concat(parts);
  }
}
