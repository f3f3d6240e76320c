import { insertExchange, settleExchange, settleRelayed } from '../../db/queries/exchange-writes.ts';
import { session } from '../../db/session.ts';
import { NotFound } from '../../kernel/errors.ts';
import type { Answer, CallResult, ExchangeKind, Hop, OutboundRequest } from '../../kernel/exchange.ts';
import { type HeaderPairs, headerValue } from '../../kernel/headers.ts';
import type { MaskedBody, Masker } from '../../kernel/masker.ts';
import { Exchange, type RequestBodyFacts, type ResponseBodyFacts } from '../../model/exchange.ts';
import type { BodyStore } from './body-store.ts';
import { maskBody } from './mask-body.ts';
import type { StreamedBody } from './recorded-body.ts';
import type { StreamedBodies } from './relayed-bodies.ts';

/** A call that is about to be made, or was. */
export interface Draft {
  readonly id: string;
  readonly workspaceId: string;
  readonly kind: ExchangeKind;
  readonly connection: { readonly id: string; readonly slug: string; readonly name: string };
  readonly generation: number;
  readonly request: OutboundRequest;
  /** Who asked: an e-mail address, a key's name, or null for the background. */
  readonly sentBy: string | null;
  readonly startedAt: Date;
}

/** What came of it; `hops` and `attempts` cover resends. */
export interface Settlement {
  readonly result: CallResult;
  readonly generation: number;
  readonly hops: readonly Hop[];
  readonly attempts: number;
  /** Bodies that streamed through, in place of those of the draft and the result. */
  readonly streamed?: StreamedBodies;
  /** Bodies that were masked already; see `maskBodies`. */
  readonly masked?: MaskedBodies;
}

/** The bodies of a call, masked; null where there is none. */
export interface MaskedBodies {
  readonly request: MaskedBody | null;
  readonly answer: MaskedBody | null;
}

interface Parts {
  readonly bodies: BodyStore;
  readonly instanceId: string;
  /** Bytes kept of a body. */
  readonly keepBytes: number;
}

/**
 * Writes exchanges down, masked. Every method works in the session and transaction of its caller; a settled exchange
 * is never changed again.
 */
export class ExchangeJournal {
  readonly #bodies: BodyStore;
  readonly #instanceId: string;
  readonly #keepBytes: number;

  constructor({ bodies, instanceId, keepBytes }: Parts) {
    this.#bodies = bodies;
    this.#instanceId = instanceId;
    this.#keepBytes = keepBytes;
  }

  /**
   * Masks bodies of any size while others get their turn. Call it before the transaction that writes them down, which
   * everybody else waits for. Bodies of token calls are small enough to be masked in passing.
   */
  async maskBodies(request: OutboundRequest, result: CallResult | null, masker: Masker): Promise<MaskedBodies> {
    const answer = result && answerOf(result);
    return {
      request: request.body && (await maskBody(masker, request.body, typeOf(request.headers))),
      answer: answer && (await maskBody(masker, answer.body.bytes, typeOf(answer.headers), isCut(result))),
    };
  }

  /** Writes a call down as `pending`, before it leaves. */
  async begin(draft: Draft, masker: Masker, masked?: MaskedBodies): Promise<void> {
    const body = await this.#requestBody(draft, masker, masked);
    await insertExchange({ ...this.#sent(draft, masker), ...body, ...PENDING });
  }

  /** Notes that a pending call is about to leave once more, with another token. Throws `NotFound` when it is settled. */
  async resend(id: string, generation: number, attempts: number): Promise<void> {
    const rows = await session.nativeUpdate(Exchange, { id, outcome: 'pending' }, { generation, attempts });
    if (rows !== 1) throw new NotFound('pending exchange', id);
  }

  /** Takes back a pending exchange that never got a place in the line: nothing was sent. */
  async withdraw(id: string): Promise<void> {
    await session.nativeDelete(Exchange, { id, outcome: 'pending' });
  }

  /** Completes a pending exchange; its request body was kept at its beginning. Throws `NotFound` when it is settled. */
  async settle(draft: Draft, settlement: Settlement, masker: Masker): Promise<void> {
    const { streamed } = settlement;
    const received = await this.#received(draft, settlement, masker);
    const settled = { ...this.#sent(draft, masker), ...received };
    const isSettled = streamed
      ? await settleRelayed({ ...settled, ...(await this.#streamedRequest(streamed)) })
      : await settleExchange(settled);
    if (!isSettled) throw new NotFound('pending exchange', draft.id);
  }

  /** Writes a finished call down at once. */
  async record(draft: Draft, settlement: Settlement, masker: Masker): Promise<void> {
    const body = await this.#requestBody(draft, masker, settlement.masked);
    const received = await this.#received(draft, settlement, masker);
    await insertExchange({ ...this.#sent(draft, masker), ...body, ...received });
  }

  #sent({ connection, request, ...draft }: Draft, masker: Masker) {
    return {
      ...draft,
      connectionId: connection.id,
      connectionSlug: connection.slug,
      connectionName: connection.name,
      method: request.method,
      url: masker.url(request.url),
      requestHeaders: masker.headers(request.headers),
      instanceId: this.#instanceId,
    };
  }

  async #requestBody({ workspaceId, request: { body, headers } }: Draft, masker: Masker, masked?: MaskedBodies) {
    if (!body) return { requestBody: null, requestBodyId: null };
    const { bytes } = masked?.request ?? masker.body(body, typeOf(headers));
    const kept = await this.#bodies.keep(workspaceId, bytes.subarray(0, this.#keepBytes));
    const facts: RequestBodyFacts = {
      bytes: kept.bytes,
      sha256: kept.sha256,
      truncated: bytes.length > this.#keepBytes,
    };
    return { requestBody: facts, requestBodyId: kept.id };
  }

  async #streamedRequest({ request }: StreamedBodies) {
    if (!request) return { requestBody: null, requestBodyId: null };
    const { id, bytes, sha256, truncated } = await request.body.end(request.isPart);
    const facts: RequestBodyFacts = { bytes, sha256, truncated: truncated || request.isPart };
    return { requestBody: facts, requestBodyId: id };
  }

  async #received({ workspaceId }: Draft, settlement: Settlement, masker: Masker) {
    const { result, generation, hops, attempts } = settlement;
    const { outcome, timings, finishedAt } = result;
    const failed = outcome.kind === 'failed' ? outcome : null;
    const answer = answerOf(result);
    return {
      outcome: outcome.kind,
      reason: failed?.reason ?? null,
      detail: failed ? masker.text(failed.detail) : null,
      ...(answer ? await this.#answer(workspaceId, answer, settlement, masker) : NO_ANSWER),
      timings,
      hops: hops.map((hop) => ({ ...hop, url: masker.url(hop.url) })),
      generation,
      attempts,
      finishedAt,
    };
  }

  async #answer(workspaceId: string, { status, headers, body }: Answer, settlement: Settlement, masker: Masker) {
    const { result, streamed, masked } = settlement;
    const own = streamed?.response ?? body.bytes;
    const kept =
      own instanceof Uint8Array
        ? await this.#keep(workspaceId, masked?.answer ?? masker.body(own, typeOf(headers), isCut(result)))
        : await own.end(isCut(result));
    const facts: ResponseBodyFacts = {
      bytes: kept.bytes,
      sha256: kept.sha256,
      truncated: body.truncated || kept.truncated,
      wireBytes: body.wireBytes,
      ...(!kept.masked && { wireSha256: body.wireSha256 }),
    };
    return { status, responseHeaders: masker.headers(headers), responseBody: facts, responseBodyId: kept.id };
  }

  async #keep(workspaceId: string, { bytes, masked }: MaskedBody): Promise<StreamedBody> {
    return { ...(await this.#bodies.keep(workspaceId, bytes)), masked, truncated: false };
  }
}

function answerOf({ outcome }: CallResult): Answer | null {
  return outcome.kind === 'answered' ? outcome : outcome.partial;
}

/** Whether more came of the answer than is in hand, or should have come. */
function isCut(result: CallResult): boolean {
  return result.outcome.kind === 'failed' || (answerOf(result)?.body.truncated ?? false);
}

function typeOf(headers: HeaderPairs): string | null {
  return headerValue(headers, 'content-type');
}

const NO_ANSWER = { status: null, responseHeaders: null, responseBody: null, responseBodyId: null };
const PENDING = {
  outcome: 'pending' as const,
  reason: null,
  detail: null,
  ...NO_ANSWER,
  timings: null,
  hops: [],
  attempts: 1,
  finishedAt: null,
};
