import type { Span } from './spans.ts';

/** Reads a body that comes in pieces and tells where the values of masked names stand. */
export interface NameReader {
  /**
   * Takes the next piece and gives the stretches that are certain now, counted from the body's beginning. One that goes
   * on in later pieces is given again with each, from the same start.
   */
  push(piece: Uint8Array, isLast: boolean): Span[];
  /** Every stretch that begins before has been given. */
  readonly open: number;
}

/** Reads nothing: a kind of body without names. */
export class NamelessReader implements NameReader {
  readonly open = Infinity;

  push(): Span[] {
    return [];
  }
}
