import type { BodyMaskStream } from '../kernel/masker.ts';
import type { ByValue } from './by-value.ts';
import { SHORTEST_SECRET } from './encodings.ts';
import { mergeSpans, type Span, maskSpans } from './spans.ts';

const NOTHING = new Uint8Array();

/**
 * Masks by value in bytes that come in chunks, wherever a chunk ends. Only what may be the beginning of a secret is held
 * back: never more than the longest form of the longest secret. Bytes without secrets come out as they went in.
 */
export class MaskStream implements BodyMaskStream {
  readonly #byValue: ByValue;
  #held: Uint8Array = NOTHING;
  /** How much of what is held belongs to a secret whose marker has gone out already. */
  #covered = 0;
  #hasMasked = false;

  constructor(byValue: ByValue) {
    this.#byValue = byValue;
  }

  get masked(): boolean {
    return this.#hasMasked;
  }

  /** Takes the next chunk and gives what can go out by now, which may be nothing. */
  push(chunk: Uint8Array): Uint8Array {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    return this.#release(bytes, this.#byValue.openFrom(bytes));
  }

  /** Gives what was held back; the stream has ended. */
  end(isCut = false): Uint8Array {
    const start = isCut ? this.#byValue.openFrom(this.#held) : this.#held.length;
    const begun = this.#held.length - start >= SHORTEST_SECRET ? [{ start, end: this.#held.length }] : [];
    return this.#release(this.#held, this.#held.length, begun);
  }

  #release(bytes: Uint8Array, until: number, begun: Span[] = []): Uint8Array {
    const spans = mergeSpans([...this.#spans(bytes), ...begun]);
    this.#hasMasked ||= spans.length > 0;
    const from = spans[0]?.start === 0 && this.#covered > 0 ? spans.shift()!.end : 0;
    const straddling = spans.find(({ start, end }) => start < until && end > until);
    const out = bytes.subarray(Math.min(from, until), until);
    const inside = spans.filter(({ start }) => start < until);
    const masked = maskSpans(
      out,
      inside.map(({ start, end }) => ({ start: start - from, end: Math.min(end, until) - from })),
    );

    this.#covered = Math.max(0, from - until, (straddling?.end ?? 0) - until);
    this.#held = until < bytes.length ? bytes.slice(until) : NOTHING;
    return masked;
  }

  #spans(bytes: Uint8Array): Span[] {
    const spans = this.#byValue.spans(bytes);
    return mergeSpans(this.#covered > 0 ? [{ start: 0, end: this.#covered }, ...spans] : spans);
  }
}
