import { setTimeout as delay } from 'node:timers/promises';
import { session, withSession } from '../../db/session.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { NewId } from '../../kernel/ids.ts';
import type { Logger } from '../../kernel/logger.ts';
import type { Masker } from '../../kernel/masker.ts';
import type { Send } from '../../kernel/outbound.ts';
import type { TokenReply, TokenSet } from '../../kernel/token-reply.ts';
import type { Vault } from '../../kernel/vault.ts';
import { tokenRequest } from '../../oauth/token-request.ts';
import type { Draft, ExchangeJournal } from '../exchanges/exchange-journal.ts';
import { attemptEndOf, type Flight, type GrantLedger, type GrantStanding, placeOf } from './grant-ledger.ts';
import type { HeldGrant } from '../../db/queries/held-grant.ts';
import { openSecrets } from './held-secrets.ts';
import { callTokenEndpoint, type TokenAnswer, tokenCallMasker } from './token-call.ts';

/** An access token that is good now, and the generation it belongs to. */
export interface FreshToken {
  readonly accessToken: string;
  readonly generation: number;
}

/** How a renewal ended, as plain data that many requests may share. */
export type Landing =
  | { readonly kind: 'granted'; readonly token: FreshToken }
  | { readonly kind: 'busy' | 'overtaken' | 'refused' | 'misconfigured' | 'transient' | 'ambiguous' };

interface Parts {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly logger: Logger;
  readonly vault: Vault;
  readonly ledger: GrantLedger;
  readonly journal: ExchangeJournal;
  readonly send: Send;
}

/** Waits between recovery tries after the first, in milliseconds. */
const RECOVERY_WAITS_MS = [1_000, 4_000, 15_000];
const BACK_OFF_MAX_MS = 300_000;

/** Wait after a recovery try that the provider turned away without looking at the token. */
const RECOVERY_PAUSE_MS = 15_000;

/** How long before the lease ends storing the tokens is given up. */
const STORE_RESERVE_MS = 5_000;

/** One renewal of a grant: intent, call, tokens, record. It knows the steps; `grant-ledger.ts` knows the rows. */
export class Renewal {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Asks the provider for a new token set and keeps it. Throws only when the database or our own code fails. */
  async fly(grant: HeldGrant): Promise<Landing> {
    const { clock, newId, vault, ledger, send } = this.#parts;
    const secrets = openSecrets(vault, grant.connectionId, grant.sealedSecrets);
    const spends =
      grant.sealedRefreshToken && vault.open(grant.sealedRefreshToken, placeOf(grant.id, 'sealed_refresh_token'));
    const request = await tokenRequest(
      grant.auth,
      secrets,
      spends === null ? { kind: 'client-credentials' } : { kind: 'refresh', refreshToken: spends },
    );
    const draft: Draft = {
      id: newId(),
      workspaceId: grant.workspaceId,
      kind: 'token',
      connection: { id: grant.connectionId, slug: grant.slug, name: grant.name },
      generation: grant.generation,
      request,
      sentBy: null,
      startedAt: clock.now(),
    };
    const masker = tokenCallMasker(grant.auth, secrets, [spends]);

    const flight = await ledger.claim(grant, spends, draft, masker);
    if (!flight) return { kind: 'busy' };

    const answer = await callTokenEndpoint(send, grant.auth, request, masker);
    const landing = await this.#keep(flight, answer, spends !== null);
    await this.#record(draft, answer, landing, tokenCallMasker(grant.auth, secrets, [spends], answer.reply));
    return landing;
  }

  /** Tx B for what the provider said. A token that cannot be taken twice makes an unread answer ambiguous. */
  #keep(flight: Flight, { reply, result }: TokenAnswer, isSpent: boolean): Promise<Landing> {
    switch (reply.kind) {
      case 'granted':
        return this.#store(flight, reply.tokens, result.startedAt);
      case 'refused':
        return this.#release(flight, reply, refusedStanding(flight.grant, reply));
      case 'misconfigured':
        return this.#release(flight, reply, { ...said(reply), state: 'misconfigured', failures: 0, retryAt: null });
      case 'transient':
        return this.#release(flight, reply, this.#backedOff(flight.grant, reply, reply.retryAfterMs ?? 0));
      case 'ambiguous':
        return this.#release(
          flight,
          reply,
          isSpent ? this.#ambiguous(flight.grant, reply) : this.#backedOff(flight.grant, reply, 0),
        );
    }
  }

  /** Never answers success before the tokens are durable; tries again while the lease lasts. */
  async #store(flight: Flight, tokens: TokenSet, startedAt: Date): Promise<Landing> {
    const { clock, ledger, logger } = this.#parts;
    const { grant } = flight;
    const until = flight.leaseUntil.getTime() - STORE_RESERVE_MS;
    for (let waitMs = 50; ; waitMs = Math.min(waitMs * 2, 2_000)) {
      try {
        if (await ledger.store(flight, tokens, startedAt)) {
          return { kind: 'granted', token: { accessToken: tokens.accessToken, generation: grant.generation + 1 } };
        }
        logger.error(
          { connection: grant.slug, attempt: flight.attemptId },
          'New tokens came after the grant had moved on. They are kept on the attempt.',
        );
        return { kind: 'overtaken' };
      } catch (error) {
        logger.error({ connection: grant.slug, err: error }, 'New tokens could not be stored yet.');
        if (clock.now().getTime() + waitMs > until) throw error;
        await delay(waitMs);
      }
    }
  }

  async #release(
    flight: Flight,
    reply: Exclude<TokenReply, { kind: 'granted' }>,
    standing: GrantStanding,
  ): Promise<Landing> {
    const { ledger, logger } = this.#parts;
    await ledger.release(flight, standing, attemptEndOf(reply));
    if (reply.kind === 'misconfigured' && reply.code === 'invalid_client')
      await ledger.misconfigureClient(flight.grant, standing);
    logger.warn({ connection: flight.grant.slug, code: reply.code }, `No new token: ${reply.detail}`);
    return { kind: reply.kind };
  }

  #backedOff(grant: HeldGrant, reply: { code: string; detail: string }, wishedMs: number): GrantStanding {
    const { state } = grant;
    if (state === 'ambiguous') {
      return {
        ...said(grant),
        state,
        failures: grant.failures,
        retryAt: this.#in(Math.max(RECOVERY_PAUSE_MS, wishedMs)),
      };
    }
    const failures = grant.failures + 1;
    const waitMs = Math.max(Math.min(1_000 * 2 ** (failures - 1), BACK_OFF_MAX_MS), wishedMs);
    return { ...said(reply), state, failures, retryAt: this.#in(waitMs) };
  }

  #ambiguous(grant: HeldGrant, reply: { code: string; detail: string }): GrantStanding {
    const tries = grant.state === 'ambiguous' ? grant.failures + 1 : 0;
    const waitMs = tries === 0 ? 0 : (RECOVERY_WAITS_MS[tries - 1] ?? 0);
    return { ...said(reply), state: 'ambiguous', failures: tries, retryAt: waitMs === 0 ? null : this.#in(waitMs) };
  }

  #in(ms: number): Date {
    return new Date(this.#parts.clock.now().getTime() + ms);
  }

  /** Tx C: the exchange's outcome. A failure here loses no token. */
  async #record(draft: Draft, { result }: TokenAnswer, landing: Landing, masker: Masker): Promise<void> {
    const { journal, logger } = this.#parts;
    const generation = landing.kind === 'granted' ? landing.token.generation : draft.generation;
    try {
      await withSession(draft.workspaceId, () =>
        session.transactional(() =>
          journal.settle(draft, { result, generation, hops: result.hops, attempts: 1 }, masker),
        ),
      );
    } catch (error) {
      logger.error({ exchange: draft.id, err: error }, 'A token call could not be recorded; its tokens are safe.');
    }
  }
}

function said({ code, reason, detail }: { code?: string; reason?: string | null; detail: string | null }) {
  return { reason: code ?? reason ?? null, detail };
}

/** Refused after an answer nobody has: the reason is what cut the first try off, not what the provider says now. */
function refusedStanding(grant: HeldGrant, reply: { code: string; detail: string }): GrantStanding {
  const why =
    grant.state === 'ambiguous'
      ? {
          reason: grant.reason,
          detail: 'A renewal was cut off, and the provider does not take the old refresh token any more.',
        }
      : said(reply);
  return { ...why, state: 'consent-needed', failures: 0, retryAt: null };
}
