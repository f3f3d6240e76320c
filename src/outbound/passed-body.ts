import { createHash } from 'node:crypto';
import type { ReceivedBody } from '../kernel/exchange.ts';
import type { AnswerSink } from '../kernel/outbound.ts';
import { ContentDecoder } from './content-decoder.ts';
import { Fault } from './fault.ts';
import type { TakenBody } from './received-body.ts';
import { streamedBy } from './spent-buffers.ts';

const NOTHING = new Uint8Array();

interface Parts {
  /** Those of Content-Encoding, in the order they were applied. */
  readonly codings: readonly string[];
  readonly sink: Pick<AnswerSink, 'take'>;
  /** Decoded bytes after which the body is too large: a few bytes on the wire may be many. */
  readonly maxBytes: number;
  /** Told at once when the body turns out to be of no use. */
  readonly onFault: (fault: Fault) => void;
}

/** Hands a body on while it comes, content codings taken off, and counts and hashes it as it came; keeps nothing. */
export class PassedBody implements TakenBody {
  readonly #hash = createHash('sha256');
  readonly #parts: Parts;
  readonly #decoder: ContentDecoder | null;
  #wireBytes = 0;
  #decodedBytes = 0;
  #fault: Fault | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#decoder = ContentDecoder.for(parts.codings, (bytes) => this.#pass(bytes));
    if (parts.codings.length > 0 && !this.#decoder) this.#fault = undecodable();
  }

  get wireBytes(): number {
    return this.#wireBytes;
  }

  get fault(): Fault | null {
    return this.#fault;
  }

  take(chunk: Buffer): Promise<void> | null {
    this.#wireBytes += chunk.length;
    streamedBy(chunk.length);
    this.#hash.update(chunk);
    if (this.#fault) return null;
    return this.#decoder ? this.#decoder.write(chunk) : this.#parts.sink.take(chunk);
  }

  async end(isWhole: boolean): Promise<ReceivedBody> {
    const decodes = this.#wireBytes === 0 || (await this.#decoder?.end(isWhole)) !== false;
    if (!decodes) this.#fail(undecodable());
    return {
      bytes: NOTHING,
      wireBytes: this.#wireBytes,
      wireSha256: this.#hash.digest('hex'),
      truncated: false,
    };
  }

  #pass(bytes: Buffer): Promise<void> | 'enough' | null {
    this.#decodedBytes += bytes.length;
    if (this.#decodedBytes <= this.#parts.maxBytes) return this.#parts.sink.take(bytes);
    this.#fail(new Fault('too-large', `The answer is larger than ${this.#parts.maxBytes} bytes, decoded.`));
    return 'enough';
  }

  #fail(fault: Fault): void {
    if (this.#fault) return;
    this.#fault = fault;
    this.#parts.onFault(fault);
  }
}

function undecodable(): Fault {
  return new Fault('protocol', 'The answer has a content coding that cannot be taken off.');
}
