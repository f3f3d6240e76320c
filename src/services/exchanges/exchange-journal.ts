import { insertExchange, settleExchange, settleRelayed } from '../../db/queries/exchange-writes.ts';
import { session } from '../../db/session.ts';
import { NotFound } from '../../kernel/errors.ts';
import type { CallResult, ExchangeKind, Hop, OutboundRequest } from '../../kernel/exchange.ts';
import type { Masker } from '../../kernel/masker.ts';
import { Exchange, type RequestBodyFacts, type ResponseBodyFacts } from '../../model/exchange.ts';
import type { BodyStore } from './body-store.ts';
import { answerOf, isCut, readyAnswer, type ReadyBodies, readyRequest, type WireBody } from './ready-bodies.ts';
import { RecordedBody, type StreamedBody } from './recorded-body.ts';
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
  /** Bodies that streamed through, in place of those of the draft and the result; `ready` goes with them. */
  readonly streamed?: StreamedBodies;
  /** Bodies that were masked and packed already; see `ready`. */
  readonly ready?: ReadyBodies;
}

/** What there is of a call's bodies. */
interface Bodies {
  /** Left out where it is on record, or came in pieces. */
  readonly request?: OutboundRequest;
  readonly result?: CallResult;
  readonly streamed?: StreamedBodies;
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
   * Masks and packs what is in hand of a call's bodies while others get their turn. Call it before the transaction that
   * writes them down, which everybody else waits for. Bodies of token calls are small enough to be made ready there.
   */
  async ready({ request, result, streamed }: Bodies, masker: Masker): Promise<ReadyBodies> {
    return {
      request: request ? await readyRequest(request, masker, this.#keepBytes) : null,
      answer: result ? await readyAnswer(result, masker, streamed?.response) : null,
    };
  }

  /** Writes a call down as `pending`, before it leaves. */
  async begin(draft: Draft, masker: Masker, ready?: ReadyBodies): Promise<void> {
    const body = await this.#requestBody(draft, masker, ready);
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

  /** Closes a pending exchange that nobody will settle any more, found at `finishedAt`; one that is settled stays. */
  async interrupt(id: string, finishedAt: Date): Promise<void> {
    await session.nativeUpdate(Exchange, { id, outcome: 'pending' }, { ...INTERRUPTED, finishedAt });
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
    const body = await this.#requestBody(draft, masker, settlement.ready);
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

  async #requestBody({ workspaceId, request }: Draft, masker: Masker, ready?: ReadyBodies) {
    const body = ready ? ready.request : await readyRequest(request, masker, this.#keepBytes);
    if (!body) return { requestBody: null, requestBodyId: null };
    const { id, bytes, sha256 } = await this.#bodies.keep(workspaceId, body.packed);
    const facts = requestFacts({ bytes, sha256, masked: body.masked, truncated: body.truncated }, body.wire);
    return { requestBody: facts, requestBodyId: id };
  }

  async #streamedRequest({ request }: StreamedBodies) {
    if (!request) return { requestBody: null, requestBodyId: null };
    const kept = await request.body.end(request.isPart);
    const facts = requestFacts({ ...kept, truncated: kept.truncated || request.isPart }, request.wire);
    return { requestBody: facts, requestBodyId: kept.id };
  }

  async #received({ workspaceId }: Draft, settlement: Settlement, masker: Masker) {
    const { result, generation, hops, attempts } = settlement;
    const { outcome, timings, finishedAt } = result;
    const failed = outcome.kind === 'failed' ? outcome : null;
    return {
      outcome: outcome.kind,
      reason: failed?.reason ?? null,
      detail: failed ? masker.text(failed.detail) : null,
      ...(await this.#answer(workspaceId, settlement, masker)),
      timings,
      hops: hops.map((hop) => ({ ...hop, url: masker.url(hop.url) })),
      generation,
      attempts,
      finishedAt,
    };
  }

  async #answer(workspaceId: string, settlement: Settlement, masker: Masker) {
    const answer = answerOf(settlement.result);
    const kept = answer && (await this.#answerBody(workspaceId, settlement, masker));
    if (!kept) return NO_ANSWER;
    const { status, headers, body } = answer;
    const facts: ResponseBodyFacts = {
      bytes: kept.bytes,
      sha256: kept.sha256,
      truncated: body.truncated || kept.truncated,
      wireBytes: body.wireBytes,
      ...(!kept.masked && { wireSha256: body.wireSha256 }),
    };
    return { status, responseHeaders: masker.headers(headers), responseBody: facts, responseBodyId: kept.id };
  }

  async #answerBody(workspaceId: string, { result, ready }: Settlement, masker: Masker): Promise<StreamedBody | null> {
    const answer = ready ? ready.answer : await readyAnswer(result, masker);
    if (!answer || answer instanceof RecordedBody) return answer && answer.end(isCut(result));
    const { packed, masked, truncated } = answer;
    return { ...(await this.#bodies.keep(workspaceId, packed)), masked, truncated };
  }
}

/** Where something was masked, the hash of the wire would tell what. */
function requestFacts(
  { bytes, sha256, truncated, masked }: Omit<StreamedBody, 'id'>,
  wire: WireBody | null,
): RequestBodyFacts {
  const all = wire && { wireBytes: wire.bytes, ...(!masked && { wireSha256: wire.sha256 }) };
  return { bytes, sha256, truncated, ...(truncated && all) };
}

const NO_ANSWER = { status: null, responseHeaders: null, responseBody: null, responseBodyId: null };
const INTERRUPTED = {
  outcome: 'interrupted' as const,
  detail: 'A fault within Callbook ended this call before its answer was kept. Whether the call arrived is not known.',
};
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
