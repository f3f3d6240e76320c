import { createHash } from 'node:crypto';
import type { ReceivedBody } from '../kernel/exchange.ts';
import { CappedBytes } from './capped-bytes.ts';
import { ContentDecoder } from './content-decoder.ts';

/** Keeps a body's first decoded bytes, and counts and hashes all of it as it came. */
export class BodyKeeper {
  readonly #hash = createHash('sha256');
  readonly #raw: CappedBytes;
  readonly #decoder: ContentDecoder | null;
  #wireBytes = 0;

  /** `codings` are those of Content-Encoding, in the order they were applied; `keepBytes` is of decoded bytes. */
  constructor(codings: readonly string[], keepBytes: number) {
    this.#raw = new CappedBytes(keepBytes);
    this.#decoder = ContentDecoder.for(codings, keepBytes);
  }

  get wireBytes(): number {
    return this.#wireBytes;
  }

  /** Takes the next bytes. Gives null, or a promise to wait for before the next ones when decoding lags behind. */
  take(chunk: Buffer): Promise<void> | null {
    this.#wireBytes += chunk.length;
    this.#hash.update(chunk);
    // Kept beside the decoded ones, because a body that turns out not to decode is kept as it came.
    this.#raw.push(chunk);
    return this.#decoder?.write(chunk) ?? null;
  }

  /** The body so far. `isWhole` tells whether it came to its end: a coding that is cut off then does not decode. */
  async end(isWhole: boolean): Promise<ReceivedBody> {
    const decoded = this.#wireBytes > 0 && this.#decoder ? await this.#decoder.end(isWhole) : null;
    const { bytes, truncated } = decoded ?? this.#raw.taken();
    return { bytes, truncated, wireBytes: this.#wireBytes, wireSha256: this.#hash.digest('hex') };
  }
}
