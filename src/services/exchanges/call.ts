import type { CallableConnection } from '../../db/queries/callable-connections.ts';
import { connectionEditedAt } from '../../db/queries/connection-stamp.ts';
import type { HeldGrant } from '../../db/queries/held-grant.ts';
import { session } from '../../db/session.ts';
import { AppError, Conflict, DatabaseBusy } from '../../kernel/errors.ts';
import { type CallResult, isSafeMethod, type OutboundRequest } from '../../kernel/exchange.ts';
import type { Masker } from '../../kernel/masker.ts';
import { boundOrigins, Connection } from '../../model/connection.ts';
import { ANY_FRESH, type Wish } from '../grants/grant-verdict.ts';
import type { FreshToken } from '../grants/renewal.ts';
import type { TokenKeeper } from '../grants/token-keeper.ts';
import { isQuiet, noteRenewal } from '../grants/unauthorized.ts';
import { CallMasks } from './call-masks.ts';
import { type Armed, CallWire, type WireParts } from './call-wire.ts';
import type { Draft, ExchangeJournal } from './exchange-journal.ts';
import type { OpenedSecrets } from './opened-secrets.ts';
import type { Streaming } from './relayed-bodies.ts';
import { type ResendReason, Sendings } from './sendings.ts';
import { whilePending } from './while-pending.ts';

export interface CallParts extends WireParts {
  readonly keeper: TokenKeeper;
  readonly journal: ExchangeJournal;
  readonly opened: OpenedSecrets;
}

const CALL_NOTE_MS = 60_000;

/** A call that is on record. */
export interface Recorded {
  readonly id: string;
  /** What came of it, last. */
  readonly result: CallResult;
}

/** One call on its way: token, intent, wire, perhaps once more after a 401, record. No transaction waits on the wire. */
export class Call {
  readonly #parts: CallParts;
  readonly #connection: CallableConnection;
  readonly #plain: OutboundRequest;
  readonly #sentBy: string;
  /** Null where both bodies are in hand. */
  readonly #stream: Streaming | null;
  readonly #masks: CallMasks;
  readonly #wire: CallWire;

  constructor(
    parts: CallParts,
    connection: CallableConnection,
    plain: OutboundRequest,
    sentBy: string,
    stream: Streaming | null = null,
  ) {
    this.#parts = parts;
    this.#connection = connection;
    this.#plain = plain;
    this.#sentBy = sentBy;
    this.#stream = stream;
    this.#masks = new CallMasks(parts.opened, connection);
    this.#wire = new CallWire(parts, { connection, plain, masks: this.#masks, stream });
  }

  /** Resolves once the record is committed. */
  async run(): Promise<Recorded> {
    const token = await this.#token(ANY_FRESH);
    const armed = await this.#wire.armed(token);
    const draft = this.#draft(armed.request, token);
    if (!this.#isPending) return this.#made(draft, armed, token);
    await this.#begin(draft, armed.masker);
    return whilePending(this.#parts, draft, () => this.#made(draft, armed, token));
  }

  async #made(draft: Draft, armed: Armed, token: FreshToken | null): Promise<Recorded> {
    this.#stream?.begun(draft.id, armed.masker);
    const result = await this.#wire.send(armed, token !== null && this.#mayResend);
    const sent = new Sendings(result, draft.generation, token?.tokenType ?? null, boundOrigins(this.#connection));
    if (token) await this.#again(draft, token, sent);
    await this.#record(draft, sent).catch(sentButNotKept);
    return { id: draft.id, result: sent.last.result };
  }

  async #begin(draft: Draft, masker: Masker): Promise<void> {
    const { journal } = this.#parts;
    const ready = await journal.ready({ request: draft.request }, masker);
    await session.transactional(() => journal.begin(draft, masker, ready));
  }

  /** Whether it is written down before it leaves. */
  get #isPending(): boolean {
    return this.#stream !== null || !isSafeMethod(this.#plain.method);
  }

  get #mayResend(): boolean {
    return isSafeMethod(this.#plain.method) || this.#connection.resendUnsafeOn401;
  }

  /** A token, and not for another address than the one this call is for: waiting for it may take a while. */
  async #token(wish: Wish): Promise<FreshToken | null> {
    const { auth, id, workspaceId, updatedAt, name } = this.#connection;
    if (auth.type !== 'oauth2') return null;
    const token = await this.#parts.keeper.fresh({ workspaceId, connectionId: id }, wish);
    const editedAt = await connectionEditedAt(workspaceId, id);
    if (editedAt?.getTime() !== updatedAt.getTime())
      throw new Conflict(`${name} was changed just now. Nothing was sent; look at the connection and send again.`);
    return token;
  }

  /** Sends again what the API asks for in a 401, where that can be had and the connection allows it. */
  async #again(draft: Draft, token: FreshToken, sent: Sendings): Promise<void> {
    let held = token;
    for (let why = sent.wanted; why && this.#canResend; why = sent.wanted) {
      const next = why === 'renewal' ? await this.#later(held) : held;
      const result = next && (await this.#resend(draft, next, sent, why));
      if (!next || !result) return;
      held = next;
      sent.add({ result, generation: next.generation, why });
    }
  }

  get #canResend(): boolean {
    return this.#mayResend && this.#stream?.canResend() !== false;
  }

  /** A later token than the one that was refused; null where there is none, or asking for one was no use last time. */
  async #later({ generation }: FreshToken): Promise<FreshToken | null> {
    const grant = await this.#masks.grantNow();
    if (!grant || (grant.generation === generation && isQuiet(grant, this.#parts.clock.now()))) return null;
    const later = await this.#token({ ...ANY_FRESH, above: generation }).catch(passThrough);
    return later && later.generation > generation ? later : null;
  }

  async #resend(draft: Draft, token: FreshToken, sent: Sendings, why: ResendReason): Promise<CallResult | null> {
    const { journal } = this.#parts;
    const armed = await this.#wire.armed(token);
    // The client may have gone on sending while the token was renewed.
    if (!this.#canResend) return null;
    const attempt = sent.attempts + 1;
    if (this.#isPending) await session.transactional(() => journal.resend(draft.id, token.generation, attempt));
    return this.#wire.send(armed, sent.mayFollow(why)).catch((error: unknown) => {
      this.#stream?.takeBack();
      return passThrough(error);
    });
  }

  /** One transaction: the record, and what the call tells about the connection. */
  async #record(draft: Draft, sent: Sendings): Promise<void> {
    const { journal } = this.#parts;
    const streamed = await this.#stream?.close();
    const grant = await this.#masks.grantNow();
    const masker = await this.#masks.at(grant);
    const { generation } = sent.last;
    const { attempts, hops, timings } = sent;
    const result = { ...sent.last.result, timings };
    const came = { result, ...(streamed && { streamed }), ...(!this.#isPending && { request: draft.request }) };
    const ready = await journal.ready(came, masker);
    const settlement = { ...came, generation, hops, attempts, ready };
    const whole = { ...draft, request: result.request, startedAt: sent.first.startedAt };
    await session.transactional(async () => {
      await (this.#isPending ? journal.settle(whole, settlement, masker) : journal.record(whole, settlement, masker));
      if (grant) await this.#noteRenewal(grant, sent);
      await this.#noteCall();
    });
    this.#stream?.settled(masker);
  }

  /** A resend that got a 401 too begins or prolongs the quiet, once for all calls that shared the renewal; success ends it. */
  async #noteRenewal(grant: HeldGrant, sent: Sendings): Promise<void> {
    const now = this.#parts.clock.now();
    if (sent.status !== null && sent.status < 400) await noteRenewal(grant, true, now);
    else if (sent.isRenewedInVain && !isQuiet(grant, now)) await noteRenewal(grant, false, now);
  }

  /** Notes, at most once a minute, that the connection is in use: the background keeps such grants fresh. */
  async #noteCall(): Promise<void> {
    const { id, lastCallAt } = this.#connection;
    const now = this.#parts.clock.now();
    if (lastCallAt && now.getTime() - lastCallAt.getTime() < CALL_NOTE_MS) return;
    await session.nativeUpdate(Connection, { id }, { lastCallAt: now });
  }

  #draft(request: OutboundRequest, token: FreshToken | null): Draft {
    const { newId, clock } = this.#parts;
    const { id, workspaceId, slug, name } = this.#connection;
    return {
      id: newId(),
      workspaceId,
      kind: 'call',
      connection: { id, slug, name },
      generation: token?.generation ?? 0,
      request,
      sentBy: this.#sentBy,
      startedAt: clock.now(),
    };
  }
}

/** Where no later token can be had, or there is no place to send again, the API's 401 is the answer. */
function passThrough(error: unknown): null {
  if (error instanceof AppError) return null;
  throw error;
}

/** Whoever asked must not take it for a call that never left. */
function sentButNotKept(error: unknown): never {
  if (!(error instanceof DatabaseBusy)) throw error;
  throw new DatabaseBusy(
    'The call was sent, but what came of it could not be written down. See what the API made of it before you send again.',
    { cause: error },
  );
}
