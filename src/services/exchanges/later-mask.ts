import type { BodyMaskStream, Masker } from '../../kernel/masker.ts';

/**
 * Masks by value what streams by, although secrets come about on the way: a grant is renewed while an answer goes on, and
 * the API may tell the token that another call has brought it.
 */
export class LaterMask {
  #masker: Pick<Masker, 'valueStream'>;
  #mask: BodyMaskStream;
  #hasMasked = false;

  constructor(masker: Pick<Masker, 'valueStream'>) {
    this.#masker = masker;
    this.#mask = masker.valueStream();
  }

  /** True once anything was replaced. */
  get masked(): boolean {
    return this.#hasMasked || this.#mask.masked;
  }

  /** Takes the next bytes; `masker` knows every secret that may begin in them, and those of the maskers before. */
  push(bytes: Uint8Array, masker: Pick<Masker, 'valueStream'> = this.#masker): Uint8Array {
    if (masker === this.#masker) return this.#mask.push(bytes);
    // What is held may be the beginning of an earlier secret, which this masker knows as well.
    const held = this.#restart(masker);
    return this.#mask.push(held.length === 0 ? bytes : Buffer.concat([held, bytes]));
  }

  /** Gives the rest, and goes on with what comes as if it were another body. */
  flush(): Uint8Array {
    return this.#restart(this.#masker);
  }

  /** Gives the rest; the body has ended. `isCut` as in `Masker.body`. */
  end(isCut = false): Uint8Array {
    return this.#mask.end(isCut);
  }

  #restart(masker: Pick<Masker, 'valueStream'>): Uint8Array {
    const rest = this.#mask.end();
    this.#hasMasked ||= this.#mask.masked;
    this.#masker = masker;
    this.#mask = masker.valueStream();
    return rest;
  }
}
