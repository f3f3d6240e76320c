import { createHash } from 'node:crypto';
import type { Upload } from '../../kernel/outbound.ts';
import type { WireBody } from './ready-bodies.ts';
import type { RecordedBody } from './recorded-body.ts';

/** So much of a request body is kept for a resend. */
const REPLAYED_BYTES = 2 ** 20;

/** A request body that is still coming. */
export interface IncomingBody {
  /** As announced, or null. */
  readonly bytes: number | null;
  /** The next bytes, or null after the last. Rejects when whoever sends it breaks off. */
  next(): Promise<Uint8Array | null>;
}

/** Hands a request body on while it comes, to the record too, and again from its beginning while that is kept. */
export class RelaySource implements Upload {
  readonly bytes: number | null;
  readonly #body: IncomingBody;
  readonly #recorded: RecordedBody;
  /** What came and is still needed, and how many chunks before it are not. */
  #chunks: Uint8Array[] = [];
  #dropped = 0;
  #received = 0;
  readonly #hash = createHash('sha256');
  #isWhole = false;
  #isClosed = false;
  #pulling: Promise<void> | null = null;
  #recording: Promise<void> | null = null;
  #turn = 0;

  constructor(body: IncomingBody, recorded: RecordedBody) {
    this.bytes = body.bytes;
    this.#body = body;
    this.#recorded = recorded;
  }

  /** Bytes that came so far. */
  get received(): number {
    return this.#received;
  }

  /** All that came so far, kept or not. */
  get wire(): WireBody {
    return { bytes: this.#received, sha256: this.#hash.copy().digest('hex') };
  }

  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** True while `chunks` can begin anew. */
  get canReplay(): boolean {
    return this.#dropped === 0 && this.#received <= REPLAYED_BYTES;
  }

  /** Calling it ends what was handed on before. */
  async *chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    this.#turn += 1;
    const turn = this.#turn;
    for (let at = 0; ; at += 1) {
      while (at - this.#dropped >= this.#chunks.length) {
        if (this.#isWhole) return;
        this.#pulling ??= this.#pull();
        await this.#pulling;
        if (turn !== this.#turn || this.#isClosed) return;
      }
      const chunk = this.#chunks[at - this.#dropped]!;
      if (this.#received > REPLAYED_BYTES) this.#forgetUpTo(at);
      yield chunk;
    }
  }

  /** Takes no more, and waits for what is being recorded. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#recording;
  }

  async #pull(): Promise<void> {
    try {
      const chunk = await this.#body.next();
      if (this.#isClosed) return;
      if (!chunk) {
        this.#isWhole = true;
        return;
      }
      this.#received += chunk.length;
      this.#hash.update(chunk);
      this.#isWhole = this.#received === this.bytes;
      this.#chunks.push(chunk);
      this.#recording = this.#recorded.take(chunk);
      await this.#recording;
    } finally {
      this.#pulling = null;
      this.#recording = null;
    }
  }

  #forgetUpTo(at: number): void {
    const count = at + 1 - this.#dropped;
    this.#chunks.splice(0, count);
    this.#dropped += count;
  }
}
