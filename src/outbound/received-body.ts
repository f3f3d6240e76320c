import { createHash } from 'node:crypto';
import type { ReceivedBody } from '../kernel/exchange.ts';
import { CappedBytes } from './capped-bytes.ts';
import { ContentDecoder } from './content-decoder.ts';
import type { Fault } from './fault.ts';

/** What becomes of an answer's body while it comes. */
export interface TakenBody {
  readonly wireBytes: number;
  /** Why the body is of no use, whatever came of it. */
  readonly fault: Fault | null;
  /** Takes the next bytes. Gives null, or a promise to wait for before the next ones. */
  take(chunk: Buffer): Promise<void> | null;
  /** The body so far. `isWhole` tells whether it came to its end: a coding that is cut off then does not decode. */
  end(isWhole: boolean): Promise<ReceivedBody>;
}

/** Keeps a body's first decoded bytes, and counts and hashes all of it as it came. */
export class BodyKeeper implements TakenBody {
  readonly fault = null;
  readonly #hash = createHash('sha256');
  readonly #raw: CappedBytes;
  readonly #decoded: CappedBytes;
  readonly #decoder: ContentDecoder | null;
  #wireBytes = 0;

  /** `codings` are those of Content-Encoding, in the order they were applied; `keepBytes` is of decoded bytes. */
  constructor(codings: readonly string[], keepBytes: number) {
    this.#raw = new CappedBytes(keepBytes);
    this.#decoded = new CappedBytes(keepBytes);
    this.#decoder = ContentDecoder.for(codings, (bytes) => {
      this.#decoded.push(bytes);
      return this.#decoded.isOver ? 'enough' : null;
    });
  }

  get wireBytes(): number {
    return this.#wireBytes;
  }

  /** The promise is there when decoding lags behind. */
  take(chunk: Buffer): Promise<void> | null {
    this.#wireBytes += chunk.length;
    this.#hash.update(chunk);
    // Kept beside the decoded ones, because a body that turns out not to decode is kept as it came.
    this.#raw.push(chunk);
    return this.#decoder?.write(chunk) ?? null;
  }

  async end(isWhole: boolean): Promise<ReceivedBody> {
    const decodes = this.#wireBytes > 0 && this.#decoder !== null && (await this.#decoder.end(isWhole));
    const { bytes, truncated } = (decodes ? this.#decoded : this.#raw).taken();
    return { bytes, truncated, wireBytes: this.#wireBytes, wireSha256: this.#hash.digest('hex') };
  }
}
