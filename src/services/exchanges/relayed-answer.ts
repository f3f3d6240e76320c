import { type HeaderPairs, headerValue, isEventStream } from '../../kernel/headers.ts';
import type { Masker } from '../../kernel/masker.ts';
import type { AnswerHead, AnswerSink } from '../../kernel/outbound.ts';
import { relayedToClient } from '../../outbound/relayed-headers.ts';
import { EventMask } from './event-mask.ts';
import { LaterMask } from './later-mask.ts';
import type { RecordedBody } from './recorded-body.ts';
import { resendReason } from './sendings.ts';

/** An answer whose length is known and no greater is read whole before it goes out. */
const WHOLE_BYTES = 64 * 1024;
/** A 401 is held back, up to this size, until it is clear that no later token and no nonce will do. */
const REFUSAL_BYTES = 256 * 1024;

/** Whoever asked for a relayed call, as far as its answer goes. */
export interface RelayClient {
  /** The record's id; comes before everything else. */
  named(exchangeId: string): void;
  /** The answer's head; goes out with what is written next. */
  head(status: number, headers: HeaderPairs): void;
  /** The head goes out although nothing comes yet. */
  flush(): void;
  /** Gives a promise to wait for when the client is slow; null where it is not, or is gone. */
  write(bytes: Uint8Array): Promise<void> | null;
  /** The clean end of the answer; resolves when it is out, or the client is gone. */
  end(): Promise<void>;
  /** The connection breaks: nobody takes what came for a whole answer. */
  cut(): void;
  /** Aborted when the client is gone and its request had not come to its end. */
  readonly brokeOff: AbortSignal;
  /** Aborted when the client is gone later than that. */
  readonly left: AbortSignal;
}

interface Parts {
  readonly client: RelayClient;
  readonly method: string;
  /** Whether a 401 may be followed by a second try. */
  readonly mayResend: () => boolean;
  /** The masker for what comes now. */
  readonly maskNow: () => Promise<Masker>;
  readonly record: (masker: Masker, contentType: string | null) => RecordedBody;
}

/** Hands one answer on, masked by value: small ones whole, once they are on record; others while they come. */
export class RelayedAnswer implements AnswerSink {
  readonly enough: AbortSignal;
  readonly #parts: Parts;
  readonly #enough = new AbortController();
  #head: AnswerHead | null = null;
  /** What was read of an answer that goes out whole. */
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #mostHeld = 0;
  /** What has to be done before the record can be closed. */
  #working: Promise<unknown> | null = null;
  #isClosed = false;
  /** Null until the head is out. */
  #flowing: { readonly mask: Pick<LaterMask, 'push' | 'end'>; readonly recorded: RecordedBody } | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.enough = this.#enough.signal;
  }

  /** True once the client has seen something of it. */
  get isOut(): boolean {
    return this.#flowing !== null;
  }

  /** For the record: what is in hand, or what was kept on the way. */
  get body(): Uint8Array | RecordedBody {
    return this.#flowing?.recorded ?? this.#whole();
  }

  head(head: AnswerHead): Promise<void> | null {
    this.#head = head;
    this.#mostHeld = this.#mostToHold(head);
    if (isEventStream(head.headers)) this.#endWithClient();
    return this.#mostHeld > 0 ? null : this.#flow();
  }

  take(bytes: Uint8Array): Promise<void> | null {
    if (this.#isClosed) return null;
    if (this.#flowing) return this.#pass(bytes);
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    return this.#heldBytes > this.#mostHeld ? this.#flow() : null;
  }

  /** Takes no more, and waits for what is being recorded. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#working;
  }

  /** Lets go of what waited for the record: the end, or all of it. */
  async release(masker: Masker): Promise<void> {
    const { client } = this.#parts;
    if (this.#flowing) await client.write(this.#flowing.mask.end());
    else await this.#releaseWhole(masker);
    await client.end();
  }

  async #releaseWhole(masker: Masker): Promise<void> {
    const { client } = this.#parts;
    const { status } = this.#head!;
    const mask = masker.valueStream();
    const body = Buffer.concat([mask.push(this.#whole()), mask.end()]);
    client.head(status, this.#withLength(maskedByValue(this.#endToEnd(), masker), body.length));
    if (body.length > 0) await client.write(body);
  }

  /** Bytes to hold at most; 0 where the answer goes out while it comes. */
  #mostToHold(head: AnswerHead): number {
    if (isEventStream(head.headers)) return 0;
    if (this.#parts.mayResend() && resendReason(head)) return REFUSAL_BYTES;
    if (!this.#hasBody) return WHOLE_BYTES;
    const length = headerValue(this.#endToEnd(), 'content-length');
    return length !== null && Number(length) <= WHOLE_BYTES ? WHOLE_BYTES : 0;
  }

  get #hasBody(): boolean {
    const status = this.#head?.status;
    return this.#parts.method !== 'HEAD' && status !== 204 && status !== 304;
  }

  async #flow(): Promise<void> {
    const { client, maskNow, record } = this.#parts;
    const { status, headers } = this.#head!;
    const asked = maskNow();
    this.#working = asked;
    const masker = await asked;
    if (this.#isClosed) return;
    const mask = isEventStream(headers) ? new EventMask(masker) : new LaterMask(masker);
    this.#flowing = { mask, recorded: record(masker, headerValue(headers, 'content-type')) };
    const kept = this.#endToEnd().filter(([name]) => name.toLowerCase() !== 'content-length');
    client.head(status, maskedByValue(kept, masker));
    client.flush();
    const held = this.#whole();
    this.#held = [];
    if (held.length > 0) await this.#pass(held);
  }

  async #pass(bytes: Uint8Array): Promise<void> {
    const passing = this.#passOn(bytes, this.#working);
    this.#working = passing;
    await (
      await passing
    ).written;
  }

  /** Looks at the grant once a piece is here: the API may tell in it what another call has renewed since the last one. */
  async #passOn(bytes: Uint8Array, before: Promise<unknown> | null): Promise<{ written: Promise<void> | null }> {
    const { client, maskNow } = this.#parts;
    await before;
    const masker = await maskNow();
    const { mask, recorded } = this.#flowing!;
    const masked = mask.push(bytes, masker);
    const recording = recorded.take(bytes, masker);
    const written = masked.length > 0 ? client.write(masked) : null;
    await recording;
    return { written };
  }

  /** A stream of events may never end; without anybody to see it, it is over. */
  #endWithClient(): void {
    const { left } = this.#parts.client;
    if (left.aborted) this.#enough.abort();
    else left.addEventListener('abort', () => this.#enough.abort(), { once: true });
  }

  #whole(): Uint8Array {
    if (this.#held.length !== 1) this.#held = [Buffer.concat(this.#held)];
    return this.#held[0]!;
  }

  #endToEnd(): HeaderPairs {
    return relayedToClient(this.#head!.headers);
  }

  /** A length that was announced is that of the masked body; of an answer without one it is the API's own. */
  #withLength(headers: HeaderPairs, bytes: number): HeaderPairs {
    if (!this.#hasBody) return headers;
    return headers.map(([name, value]) => [name, name.toLowerCase() === 'content-length' ? String(bytes) : value]);
  }
}

/** Headers without secrets, names included; nothing is masked for its name. */
function maskedByValue(headers: HeaderPairs, masker: Masker): HeaderPairs {
  const masked = (text: string) => {
    const mask = masker.valueStream();
    return Buffer.concat([mask.push(Buffer.from(text, 'latin1')), mask.end()]).toString('latin1');
  };
  return headers.map(([name, value]) => [masked(name), masked(value)]);
}
