import { AsyncLocalStorage } from 'node:async_hooks';
import type { CallableConnection } from '../../db/queries/callable-connections.ts';
import { connectionEditedAt } from '../../db/queries/connection-stamp.ts';
import type { HeldGrant } from '../../db/queries/held-grant.ts';
import { session } from '../../db/session.ts';
import type { Clock } from '../../kernel/clock.ts';
import { AppError, Conflict, DatabaseBusy, QueueFull } from '../../kernel/errors.ts';
import { type CallResult, isSafeMethod, type OutboundRequest } from '../../kernel/exchange.ts';
import type { NewId } from '../../kernel/ids.ts';
import type { Masker } from '../../kernel/masker.ts';
import type { Send } from '../../kernel/outbound.ts';
import { boundOrigins, Connection } from '../../model/connection.ts';
import { ANY_FRESH, type Wish } from '../grants/grant-verdict.ts';
import type { FreshToken } from '../grants/renewal.ts';
import type { TokenKeeper } from '../grants/token-keeper.ts';
import { asksForToken, isQuiet, noteRenewal } from '../grants/unauthorized.ts';
import { CallMasks } from './call-masks.ts';
import { credentialsFor, withCredentials } from './credentials.ts';
import type { Draft, ExchangeJournal } from './exchange-journal.ts';
import type { OpenedSecrets } from './opened-secrets.ts';
import type { Streaming } from './relayed-bodies.ts';

export interface CallParts {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly keeper: TokenKeeper;
  readonly journal: ExchangeJournal;
  readonly send: Send;
  readonly opened: OpenedSecrets;
  readonly limits: { readonly keepBytes: number; readonly maxBytes: number };
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
  }

  /** Resolves once the record is committed. */
  async run(): Promise<Recorded> {
    const token = await this.#token(ANY_FRESH);
    const masker = await this.#masks.with(token);
    const request = this.#armed(token);
    const draft = this.#draft(request, token);
    if (this.#isPending) await this.#begin(draft, masker);
    this.#stream?.begun(draft.id, masker);

    const first = await this.#send(draft, request, masker, token !== null && this.#mayResend);
    const second = token && asksForToken(first.outcome) ? await this.#again(draft, token) : null;
    await this.#record(draft, first, second).catch(sentButNotKept);
    return { id: draft.id, result: second?.result ?? first };
  }

  async #begin(draft: Draft, masker: Masker): Promise<void> {
    const { journal } = this.#parts;
    const masked = await journal.maskBodies(draft.request, null, masker);
    await session.transactional(() => journal.begin(draft, masker, masked));
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

  /** Sends once more with a later token, where there is one and the connection allows it. */
  async #again(draft: Draft, token: FreshToken): Promise<Resent | null> {
    if (!this.#mayResend || this.#stream?.canResend() === false) return null;
    const grant = await this.#masks.grantNow();
    if (!grant || (grant.generation === token.generation && isQuiet(grant, this.#parts.clock.now()))) return null;
    const later = await this.#token({ ...ANY_FRESH, above: token.generation }).catch(passThrough);
    if (!later || later.generation <= token.generation) return null;

    const masker = await this.#masks.with(later);
    // The client may have gone on sending while the token was renewed.
    if (this.#stream?.canResend() === false) return null;
    if (this.#isPending) await session.transactional(() => this.#parts.journal.resend(draft.id, later.generation, 2));
    const result = await this.#wire(this.#armed(later), masker, false).catch((error: unknown) => {
      this.#stream?.takeBack();
      return passThrough(error);
    });
    return result && { result, generation: later.generation };
  }

  async #send(draft: Draft, request: OutboundRequest, masker: Masker, mayResend: boolean): Promise<CallResult> {
    try {
      return await this.#wire(request, masker, mayResend);
    } catch (error) {
      if (error instanceof QueueFull && this.#isPending) await this.#parts.journal.withdraw(draft.id);
      throw error;
    }
  }

  #wire(request: OutboundRequest, masker: Masker, mayResend: boolean): Promise<CallResult> {
    const { id, width, timeoutMs, auth } = this.#connection;
    const { keepBytes, maxBytes } = this.#parts.limits;
    return this.#parts.send({
      request,
      lane: { key: id, width },
      deadlineMs: timeoutMs,
      keepBytes,
      maxBytes,
      redirects: this.#stream ? 'none' : 'follow',
      origins: boundOrigins(this.#connection),
      credentialHeaders:
        auth.type === 'apiKey' && auth.in === 'header' ? [auth.name.toLowerCase()] : ['authorization', 'cookie'],
      masker,
      ...this.#stream?.wire({ mayResend, maskNow: this.#maskNow() }),
    });
  }

  /** Asks from wherever an answer comes in, with the session of this call: its grant may have moved since it was sent. */
  #maskNow(): () => Promise<Masker> {
    const inSession = AsyncLocalStorage.snapshot();
    return () => inSession(async () => this.#masks.at(await this.#masks.grantNow()));
  }

  /** One transaction: the record, and what the call tells about the connection. */
  async #record(draft: Draft, first: CallResult, second: Resent | null): Promise<void> {
    const { journal } = this.#parts;
    const streamed = await this.#stream?.close();
    const grant = await this.#masks.grantNow();
    const masker = await this.#masks.at(grant);
    const last = second?.result ?? first;
    const settlement = {
      result: last,
      generation: second?.generation ?? draft.generation,
      hops: [...first.hops, ...(second?.result.hops ?? []).map((hop) => ({ ...hop, attempt: 2 }))],
      attempts: second ? 2 : 1,
      ...(streamed ? { streamed } : { masked: await journal.maskBodies(draft.request, last, masker) }),
    };
    const sent = { ...draft, request: last.request, startedAt: first.startedAt };
    await session.transactional(async () => {
      await (this.#isPending ? journal.settle(sent, settlement, masker) : journal.record(sent, settlement, masker));
      if (grant) await this.#noteRenewal(grant, first, second);
      await this.#noteCall();
    });
    this.#stream?.settled(masker);
  }

  /** A resend that got a 401 too begins or prolongs the quiet, once for all calls that shared the renewal; success ends it. */
  async #noteRenewal(grant: HeldGrant, first: CallResult, second: Resent | null): Promise<void> {
    const now = this.#parts.clock.now();
    if (succeeded(second?.result ?? first)) await noteRenewal(grant, true, now);
    else if (second && statusOf(second.result) === 401 && !isQuiet(grant, now)) await noteRenewal(grant, false, now);
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

  #armed(token: FreshToken | null): OutboundRequest {
    return withCredentials(this.#plain, credentialsFor(this.#connection.auth, this.#masks.secrets, token));
  }
}

interface Resent {
  readonly result: CallResult;
  readonly generation: number;
}

function statusOf({ outcome }: CallResult): number | null {
  return outcome.kind === 'answered' ? outcome.status : null;
}

function succeeded(result: CallResult): boolean {
  const status = statusOf(result);
  return status !== null && status < 400;
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
