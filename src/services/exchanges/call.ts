import { heldGrant } from '../../db/queries/held-grant.ts';
import { session } from '../../db/session.ts';
import type { AuthSecrets } from '../../kernel/auth.ts';
import type { Clock } from '../../kernel/clock.ts';
import { AppError, QueueFull } from '../../kernel/errors.ts';
import { type CallResult, isSafeMethod, type OutboundRequest } from '../../kernel/exchange.ts';
import type { NewId } from '../../kernel/ids.ts';
import type { Masker } from '../../kernel/masker.ts';
import type { Send } from '../../kernel/outbound.ts';
import type { Vault } from '../../kernel/vault.ts';
import type { Connection } from '../../model/connection.ts';
import { ANY_FRESH } from '../grants/grant-verdict.ts';
import { openSecrets } from '../grants/held-secrets.ts';
import { callMasker, openTokens } from '../grants/live-secrets.ts';
import type { FreshToken } from '../grants/renewal.ts';
import type { TokenKeeper } from '../grants/token-keeper.ts';
import { asksForToken, isQuiet, noteRenewal } from '../grants/unauthorized.ts';
import { credentialsFor, withCredentials } from './credentials.ts';
import type { Draft, ExchangeJournal } from './exchange-journal.ts';

export interface CallParts {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly vault: Vault;
  readonly keeper: TokenKeeper;
  readonly journal: ExchangeJournal;
  readonly send: Send;
  readonly limits: { readonly keepBytes: number; readonly maxBytes: number };
}

/** One call on its way: token, intent, wire, perhaps once more after a 401, record. No transaction waits on the wire. */
export class Call {
  readonly #parts: CallParts;
  readonly #connection: Connection;
  readonly #plain: OutboundRequest;
  readonly #sentBy: string;
  readonly #secrets: AuthSecrets;
  /** Every token this call may have shown to anybody, old ones included. */
  readonly #tokens = new Set<string>();

  constructor(parts: CallParts, connection: Connection, plain: OutboundRequest, sentBy: string) {
    this.#parts = parts;
    this.#connection = connection;
    this.#plain = plain;
    this.#sentBy = sentBy;
    this.#secrets = openSecrets(parts.vault, connection.id, connection.sealedSecrets ?? null);
  }

  /** Gives the exchange's id once its record is committed. */
  async run(): Promise<string> {
    const token = await this.#token();
    const masker = await this.#masker();
    const request = this.#armed(token);
    const draft = this.#draft(request, token);
    const isUnsafe = !isSafeMethod(request.method);
    if (isUnsafe) await session.transactional(() => this.#parts.journal.begin(draft, masker));

    const first = await this.#send(draft, request, masker, isUnsafe);
    const second = token && asksForToken(first.outcome) ? await this.#again(draft, token, isUnsafe) : null;
    if (token && succeeded(first)) await this.#calm();
    await this.#record(draft, first, second, isUnsafe);
    return draft.id;
  }

  async #token(): Promise<FreshToken | null> {
    const { auth, id, workspaceId } = this.#connection;
    return auth.type === 'oauth2' ? this.#parts.keeper.fresh({ workspaceId, connectionId: id }) : null;
  }

  /** Sends once more with a later token, where there is one and the connection allows it. */
  async #again(draft: Draft, token: FreshToken, isUnsafe: boolean): Promise<Resent | null> {
    const { keeper, clock, journal } = this.#parts;
    const { id: connectionId, workspaceId, resendUnsafeOn401 } = this.#connection;
    if (isUnsafe && !resendUnsafeOn401) return null;

    const grant = await heldGrant(workspaceId, connectionId);
    if (grant.generation === token.generation && isQuiet(grant, clock.now())) return null;
    const wish = { ...ANY_FRESH, above: token.generation };
    const later = await keeper.fresh({ workspaceId, connectionId }, wish).catch(passThrough);
    if (!later || later.generation <= token.generation) return null;

    const masker = await this.#masker();
    if (isUnsafe) await session.transactional(() => journal.resend(draft.id, later.generation, 2));
    const result = await this.#wire(this.#armed(later), masker).catch(passThrough);
    if (!result) return null;
    await noteRenewal(await heldGrant(workspaceId, connectionId), !asksForToken(result.outcome), clock.now());
    return { result, generation: later.generation };
  }

  /** A call that succeeded ends the quiet after renewals that did not help. */
  async #calm(): Promise<void> {
    const grant = await heldGrant(this.#connection.workspaceId, this.#connection.id);
    await noteRenewal(grant, true, this.#parts.clock.now());
  }

  async #send(draft: Draft, request: OutboundRequest, masker: Masker, isUnsafe: boolean): Promise<CallResult> {
    try {
      return await this.#wire(request, masker);
    } catch (error) {
      if (error instanceof QueueFull && isUnsafe) await this.#parts.journal.withdraw(draft.id);
      throw error;
    }
  }

  #wire(request: OutboundRequest, masker: Masker): Promise<CallResult> {
    const { id, width, timeoutMs, auth } = this.#connection;
    const { keepBytes, maxBytes } = this.#parts.limits;
    return this.#parts.send({
      request,
      lane: { key: id, width },
      deadlineMs: timeoutMs,
      keepBytes,
      maxBytes,
      redirects: 'follow',
      origins: this.#connection.boundOrigins(),
      credentialHeaders:
        auth.type === 'apiKey' && auth.in === 'header' ? [auth.name.toLowerCase()] : ['authorization', 'cookie'],
      masker,
    });
  }

  async #record(draft: Draft, first: CallResult, second: Resent | null, isUnsafe: boolean): Promise<void> {
    const { journal } = this.#parts;
    const masker = await this.#masker();
    const last = second?.result ?? first;
    const settlement = {
      result: last,
      generation: second?.generation ?? draft.generation,
      hops: [...first.hops, ...(second?.result.hops ?? []).map((hop) => ({ ...hop, attempt: 2 }))],
      attempts: second ? 2 : 1,
    };
    const sent = { ...draft, request: last.request, startedAt: first.startedAt };
    await session.transactional(() =>
      isUnsafe ? journal.settle(sent, settlement, masker) : journal.record(sent, settlement, masker),
    );
  }

  #draft(request: OutboundRequest, token: FreshToken | null): Draft {
    const { newId, clock } = this.#parts;
    const { id, workspaceId, slug, name } = this.#connection;
    const connection = { id, slug, name };
    const generation = token?.generation ?? 0;
    return {
      id: newId(),
      workspaceId,
      kind: 'call',
      connection,
      generation,
      request,
      sentBy: this.#sentBy,
      startedAt: clock.now(),
    };
  }

  #armed(token: FreshToken | null): OutboundRequest {
    const credentials = credentialsFor(this.#connection.auth, this.#secrets, token);
    const injected = new Set(credentials.headers.map(([name]) => name));
    const headers = this.#plain.headers.filter(([name]) => !injected.has(name.toLowerCase()));
    return {
      ...this.#plain,
      url: withCredentials(this.#plain.url, credentials),
      headers: [...headers, ...credentials.headers],
    };
  }

  /** Masks every secret of the connection and every token it has held since this call began. */
  async #masker(): Promise<Masker> {
    const { auth, id, workspaceId } = this.#connection;
    if (auth.type === 'oauth2') {
      for (const token of openTokens(this.#parts.vault, await heldGrant(workspaceId, id))) this.#tokens.add(token);
    }
    return callMasker(this.#connection, this.#secrets, this.#tokens);
  }
}

interface Resent {
  readonly result: CallResult;
  readonly generation: number;
}

function succeeded({ outcome }: CallResult): boolean {
  return outcome.kind === 'answered' && outcome.status < 400;
}

/** Where no later token can be had, or there is no place to send again, the API's 401 is the answer. */
function passThrough(error: unknown): null {
  if (error instanceof AppError) return null;
  throw error;
}
