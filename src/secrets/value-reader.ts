import { SHORTEST_SECRET } from './encodings.ts';
import type { SearchedText } from './searched-text.ts';
import type { Span } from './spans.ts';

const NOTHING = new Uint8Array();

/** Finds known secrets in a body that comes in pieces, however they are encoded. */
export class ValueReader {
  readonly #text: SearchedText | null;
  #length = 0;

  /** Null where there is nothing to look for. */
  constructor(text: SearchedText | null) {
    this.#text = text;
  }

  /** Every stretch that begins before has been given. */
  get open(): number {
    return this.#text?.open ?? Infinity;
  }

  /** Takes the next piece and gives the stretches that are certain now, counted from the body's beginning. */
  push(piece: Uint8Array, isLast: boolean): Span[] {
    this.#length += piece.length;
    return this.#text?.push(piece, isLast) ?? [];
  }

  /**
   * Gives the stretches that are left. With `isCut` also a secret's beginning whose end did not come along: fewer bytes
   * than the shortest secret has tell nobody anything.
   */
  end(isCut: boolean): Span[] {
    if (!this.#text) return [];
    const start = this.#text.open;
    const spans = this.#text.push(NOTHING, true);
    if (isCut && this.#length - start >= SHORTEST_SECRET) spans.push({ start, end: this.#length });
    return spans;
  }
}
