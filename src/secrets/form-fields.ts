import { type IsField, looksSecret, unescaped } from './fields.ts';
import type { NameReader } from './name-reader.ts';
import type { Span } from './spans.ts';

const AND = 0x26;
const EQUALS = 0x3d;
const NOTHING = Buffer.alloc(0);
/** Bytes of a name that are looked at: its last ones, where it is longer. */
const LONGEST_NAME = 1024;
/** Bytes of a value that are judged at once by their looks; a longer value is judged in stretches that overlap by half. */
const JUDGED = 16 * 1024;
const STEP = JUDGED / 2;

/**
 * Finds the values in a form (`application/x-www-form-urlencoded`) that have a masked name or look like a secret. A
 * value of more than 16 KiB is masked from the stretch on that looks like one.
 */
export class FormReader implements NameReader {
  readonly #isField: IsField;
  #spans: Span[] = [];
  /** How much of the body was read. */
  #at = 0;
  /** The name so far, or the value's bytes that are to be judged yet. */
  #text: Buffer = NOTHING;
  #isInValue = false;
  /** Where a stretch begins that is masked; null outside of one. */
  #maskedFrom: number | null = null;

  constructor(isField: IsField) {
    this.#isField = isField;
  }

  get open(): number {
    return this.#isInValue && this.#maskedFrom === null ? this.#at - this.#text.length : this.#at;
  }

  push(piece: Uint8Array, isLast: boolean): Span[] {
    this.#spans = [];
    for (let at = 0; at < piece.length;) at = this.#isInValue ? this.#value(piece, at) : this.#name(piece, at);
    if (isLast && this.#isInValue) this.#judge();
    if (this.#maskedFrom !== null) this.#mark(this.#maskedFrom);
    return this.#spans;
  }

  #name(piece: Uint8Array, start: number): number {
    let end = start;
    while (end < piece.length && piece[end] !== AND && piece[end] !== EQUALS) end += 1;
    this.#take(piece, start, end);
    if (this.#text.length > LONGEST_NAME) this.#text = this.#text.subarray(-LONGEST_NAME);
    if (end === piece.length) return end;

    this.#at += 1;
    this.#isInValue = piece[end] === EQUALS;
    if (this.#isInValue && this.#isField(unescaped(this.#text.toString('latin1')))) this.#maskedFrom = this.#at;
    this.#text = NOTHING;
    return end + 1;
  }

  #value(piece: Uint8Array, start: number): number {
    const found = piece.indexOf(AND, start);
    const end = found < 0 ? piece.length : found;
    if (this.#maskedFrom === null) {
      const most = Math.min(end, start + JUDGED - this.#text.length);
      if (most > start) {
        this.#take(piece, start, most);
        return most;
      }
      if (end > start) {
        this.#step();
        return start;
      }
    } else this.#at += end - start;
    if (found < 0) return end;
    this.#endValue();
    this.#at += 1;
    return end + 1;
  }

  /** More follows than is judged at once. */
  #step(): void {
    this.#judge();
    this.#text = this.#maskedFrom === null ? this.#text.subarray(STEP) : NOTHING;
  }

  #endValue(): void {
    this.#judge();
    if (this.#maskedFrom !== null) this.#mark(this.#maskedFrom);
    this.#maskedFrom = null;
    this.#isInValue = false;
    this.#text = NOTHING;
  }

  #judge(): void {
    if (this.#maskedFrom !== null || this.#text.length === 0) return;
    if (looksSecret(this.#text.toString('latin1'), this.#isField)) this.#maskedFrom = this.#at - this.#text.length;
  }

  #mark(start: number): void {
    if (this.#at > start) this.#spans.push({ start, end: this.#at });
  }

  #take(piece: Uint8Array, start: number, end: number): void {
    const bytes = piece.subarray(start, end);
    this.#text = this.#text.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.#text, bytes]);
    this.#at += bytes.length;
  }
}
