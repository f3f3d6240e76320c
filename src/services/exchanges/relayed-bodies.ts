import type { Masker } from '../../kernel/masker.ts';
import type { OutboundCall } from '../../kernel/outbound.ts';
import type { WireBody } from './ready-bodies.ts';
import type { RecordedBody } from './recorded-body.ts';
import { type IncomingBody, RelaySource } from './relay-source.ts';
import { RelayedAnswer, type RelayClient } from './relayed-answer.ts';

/** What streams through one call instead of being in hand; see `Call`. */
export interface Streaming {
  /** The record is there, and nothing has left yet. */
  begun(exchangeId: string, masker: Masker): void;
  /** What goes along with the next sending. */
  wire(sending: Sending): Pick<OutboundCall, 'upload' | 'sink' | 'signal' | 'eventStreamMs'>;
  /** Whether the request can be sent from its beginning once more, and nobody has seen the answer. */
  canResend(): boolean;
  /** The last sending found no place: the answer of the one before counts. */
  takeBack(): void;
  /** Takes no more of either body and gives both for the record. */
  close(): Promise<StreamedBodies>;
  /** It is on record. */
  settled(masker: Masker): void;
}

/** One sending of a call. */
export interface Sending {
  /** Whether the answer may be a 401 that nobody is to see. */
  readonly mayResend: boolean;
  readonly maskNow: () => Promise<Masker>;
}

/** Bodies as the record gets them: kept while they came, or in hand. */
export interface StreamedBodies {
  /** `isPart` where it broke off, or was not asked for to its end; `wire` tells of all that came. Null where there was none. */
  readonly request: { readonly body: RecordedBody; readonly isPart: boolean; readonly wire: WireBody | null } | null;
  readonly response: RecordedBody | Uint8Array;
}

interface Parts {
  readonly method: string;
  readonly body: IncomingBody | null;
  readonly requestType: string | null;
  readonly client: RelayClient;
  readonly record: (masker: Masker, contentType: string | null) => RecordedBody;
  readonly eventStreamMs: number;
}

/** Both bodies of a relayed call. */
export class RelayedBodies implements Streaming {
  readonly #parts: Parts;
  #request: RecordedBody | null = null;
  #source: RelaySource | null = null;
  #answer: RelayedAnswer | null = null;
  #answerBefore: RelayedAnswer | null = null;
  #masker: Masker | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Bytes of the request that came so far. */
  get received(): number {
    return this.#source?.received ?? 0;
  }

  /** True once the client has seen something of the answer. */
  get isOut(): boolean {
    return this.#answer?.isOut ?? false;
  }

  canResend(): boolean {
    return !this.isOut && (this.#source?.canReplay ?? true);
  }

  begun(exchangeId: string, masker: Masker): void {
    const { body, client, record, requestType } = this.#parts;
    client.named(exchangeId);
    if (!body) return;
    this.#request = record(masker, requestType);
    this.#source = new RelaySource(body, this.#request);
  }

  wire({ mayResend, maskNow }: Sending): ReturnType<Streaming['wire']> {
    const { client, method, record, eventStreamMs } = this.#parts;
    this.#answerBefore = this.#answer;
    this.#answer = new RelayedAnswer({
      client,
      method,
      record,
      maskNow,
      mayResend: () => mayResend && this.canResend(),
    });
    return {
      ...(this.#source && { upload: this.#source }),
      sink: this.#answer,
      signal: client.brokeOff,
      eventStreamMs,
    };
  }

  takeBack(): void {
    this.#answer = this.#answerBefore;
  }

  async close(): Promise<StreamedBodies> {
    await this.#source?.close();
    await this.#answer?.close();
    return {
      request: this.#request && {
        body: this.#request,
        isPart: !this.#source?.isWhole,
        wire: this.#source?.wire ?? null,
      },
      response: this.#answer?.body ?? new Uint8Array(),
    };
  }

  settled(masker: Masker): void {
    this.#masker = masker;
  }

  /** Lets the end of the answer go, or all of it. Call it once the record is settled. */
  async release(): Promise<void> {
    if (!this.#masker) throw new Error('The call is not on record yet. Run it first.');
    await this.#answer?.release(this.#masker);
  }

  /** Takes back what was kept of bodies that no record came to know. */
  async drop(): Promise<void> {
    const { request, response } = await this.close();
    await request?.body.drop();
    if (!(response instanceof Uint8Array)) await response.drop();
  }
}
