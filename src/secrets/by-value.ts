import { type BasicPair, needlesOf } from './encodings.ts';
import { openUnescapings, unescapings } from './unescaping.ts';
import { Needles } from './needles.ts';
import { maskTextSpans, type Span, maskSpans } from './spans.ts';

/** Escapes inside escapes that are undone: JSON in a JSON string, base64 in a query in a JSON string. */
const DEPTH = 2;

/** Finds known secrets in bytes and text, however they are encoded. */
export class ByValue {
  readonly #needles: Needles;

  constructor(secrets: readonly string[], pairs: readonly BasicPair[] = []) {
    this.#needles = new Needles(needlesOf(secrets, pairs));
  }

  /** Where secrets stand. */
  spans(bytes: Uint8Array, depth: number = DEPTH): Span[] {
    if (bytes.length < this.#needles.shortest) return [];
    const found = this.#needles.find(bytes);
    if (depth === 0) return found;
    for (const unescaped of unescapings(bytes)) {
      for (const span of this.spans(unescaped.bytes, unescaped.isInnermost ? 0 : depth - 1))
        found.push(unescaped.toSource(span));
    }
    return found;
  }

  /** The first place of a text that goes on later from which a secret may have begun. */
  openFrom(bytes: Uint8Array, depth: number = DEPTH): number {
    if (this.#needles.shortest === Infinity) return bytes.length;
    let first = this.#needles.openFrom(bytes);
    if (depth === 0) return first;
    for (const { unescaped, openFrom } of openUnescapings(bytes)) {
      const at = this.openFrom(unescaped.bytes, depth - 1);
      const inSource = at < unescaped.bytes.length ? unescaped.toSource({ start: at, end: at + 1 }).start : openFrom;
      first = Math.min(first, inSource, openFrom);
    }
    return first;
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
