import type { Upload } from '../kernel/outbound.ts';
import { Fault } from './fault.ts';
import { streamedBy } from './spent-buffers.ts';

/** A body on its way to one request: counted, and what goes wrong with it as a `Fault`. */
export class HopUpload implements AsyncIterable<Uint8Array> {
  /** As announced, or null. */
  readonly bytes: number | null;
  readonly #upload: Upload;
  readonly #maxBytes: number;
  #taken = 0;
  #isWhole = false;

  constructor(upload: Upload, maxBytes: number) {
    this.bytes = upload.bytes;
    this.#upload = upload;
    this.#maxBytes = maxBytes;
  }

  /** True once it turned out that there was nothing: undici announces that, chunked or not. */
  get isEmpty(): boolean {
    return this.#isWhole && this.#taken === 0;
  }

  /** Throws a `Fault` and nothing else. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for await (const chunk of this.#upload.chunks()) {
        this.#taken += chunk.byteLength;
        streamedBy(chunk.byteLength);
        if (this.#taken > this.#maxBytes) throw tooLarge(this.#maxBytes);
        yield chunk;
      }
      this.#isWhole = true;
    } catch (error) {
      throw error instanceof Fault ? error : new Fault('aborted', 'The request broke off before its end.');
    }
  }
}

function tooLarge(maxBytes: number): Fault {
  return new Fault('too-large', `The request is larger than ${maxBytes} bytes.`);
}
