import { insertExchange, settleExchange } from '../../db/queries/exchange-writes.ts';
import { session } from '../../db/session.ts';
import { NotFound } from '../../kernel/errors.ts';
import type { Answer, CallResult, ExchangeKind, Hop, OutboundRequest } from '../../kernel/exchange.ts';
import { headerValue } from '../../kernel/headers.ts';
import type { Masker } from '../../kernel/masker.ts';
import { Exchange, type RequestBodyFacts, type ResponseBodyFacts } from '../../model/exchange.ts';
import type { BodyStore } from './body-store.ts';

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

  /** Writes a call down as `pending`, before it leaves. */
  async begin(draft: Draft, masker: Masker): Promise<void> {
    const body = await this.#requestBody(draft, masker);
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
    const received = await this.#received(draft, settlement, masker);
    if (!(await settleExchange({ ...this.#sent(draft, masker), ...received })))
      throw new NotFound('pending exchange', draft.id);
  }

  /** Writes a finished call down at once. */
  async record(draft: Draft, settlement: Settlement, masker: Masker): Promise<void> {
    const body = await this.#requestBody(draft, masker);
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

  async #requestBody({ workspaceId, request: { body, headers } }: Draft, masker: Masker) {
    if (!body) return { requestBody: null, requestBodyId: null };
    const { bytes } = masker.body(body, headerValue(headers, 'content-type'));
    const kept = await this.#bodies.keep(workspaceId, bytes.subarray(0, this.#keepBytes));
    const facts: RequestBodyFacts = {
      bytes: kept.bytes,
      sha256: kept.sha256,
      truncated: bytes.length > this.#keepBytes,
    };
    return { requestBody: facts, requestBodyId: kept.id };
  }

  async #received({ workspaceId }: Draft, { result, generation, hops, attempts }: Settlement, masker: Masker) {
    const { outcome, timings, finishedAt } = result;
    const failed = outcome.kind === 'failed' ? outcome : null;
    const answer = outcome.kind === 'answered' ? outcome : outcome.partial;
    return {
      outcome: outcome.kind,
      reason: failed?.reason ?? null,
      detail: failed ? masker.text(failed.detail) : null,
      ...(answer ? await this.#answer(workspaceId, answer, failed !== null, masker) : NO_ANSWER),
      timings,
      hops: hops.map((hop) => ({ ...hop, url: masker.url(hop.url) })),
      generation,
      attempts,
      finishedAt,
    };
  }

  async #answer(workspaceId: string, { status, headers, body }: Answer, isPart: boolean, masker: Masker) {
    const isCut = isPart || body.truncated;
    const { bytes, masked } = masker.body(body.bytes, headerValue(headers, 'content-type'), isCut);
    const kept = await this.#bodies.keep(workspaceId, bytes);
    const facts: ResponseBodyFacts = {
      bytes: kept.bytes,
      sha256: kept.sha256,
      truncated: body.truncated,
      wireBytes: body.wireBytes,
      ...(!masked && { wireSha256: body.wireSha256 }),
    };
    return { status, responseHeaders: masker.headers(headers), responseBody: facts, responseBodyId: kept.id };
  }
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
