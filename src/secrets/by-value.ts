import { type BasicPair, needlesOf } from './encodings.ts';
import { Needles } from './needles.ts';
import { SearchedText } from './searched-text.ts';
import { ValueReader } from './value-reader.ts';
import { maskTextSpans, type Span, maskSpans } from './spans.ts';

/**
 * Escapes inside escapes that are undone: a log line in JSON that holds an event in JSON that holds an answer in JSON.
 * What stands deeper is not seen.
 */
const DEPTH = 4;

/** Finds known secrets in bytes and text, however they are encoded. */
export class ByValue {
  readonly #needles: Needles;

  constructor(secrets: readonly string[], pairs: readonly BasicPair[] = []) {
    this.#needles = new Needles(needlesOf(secrets, pairs));
  }

  /** Where secrets stand in a text that comes in pieces. */
  reader(): ValueReader {
    return new ValueReader(this.#needles.shortest === Infinity ? null : new SearchedText(this.#needles, DEPTH));
  }

  /** Where secrets stand, and in a text that `isCut` where one may begin at its end. */
  spans(bytes: Uint8Array, isCut = false): Span[] {
    if (!isCut && bytes.length < this.#needles.shortest) return [];
    const reader = this.reader();
    if (!isCut) return reader.push(bytes, true);
    return [...reader.push(bytes, false), ...reader.end(true)];
  }

  /** The text with every secret masked. */
  text(text: string): string {
    if (Buffer.byteLength(text) < this.#needles.shortest) return text;
    const narrow = Buffer.from(text, 'latin1');
    if (narrow.toString('latin1') === text) {
      const spans = this.spans(narrow);
      if (spans.length > 0) text = maskTextSpans(text, spans);
      if (Buffer.byteLength(text) === text.length) return text;
    }
    const wide = Buffer.from(text);
    const masked = maskSpans(wide, this.spans(wide));
    return masked === wide ? text : Buffer.from(masked).toString();
  }
}
