import { session, withSession } from '../../db/session.ts';
import { type AuthSecrets, canFetchAlone } from '../../kernel/auth.ts';
import type { Checkpoint } from '../../kernel/checkpoint.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { NewId } from '../../kernel/ids.ts';
import type { Logger } from '../../kernel/logger.ts';
import type { Send } from '../../kernel/outbound.ts';
import type { TokenReply, TokenSet, TokenType } from '../../kernel/token-reply.ts';
import type { Vault } from '../../kernel/vault.ts';
import type { DpopNonces } from '../../oauth/dpop.ts';
import type { Draft, ExchangeJournal } from '../exchanges/exchange-journal.ts';
import { whilePending } from '../exchanges/while-pending.ts';
import { attemptEndOf } from './attempt-end.ts';
import { SEAL_BROKEN } from './grant-seals.ts';
import type { Flight, GrantLedger } from './grant-ledger.ts';
import { standingAfter } from './grant-standing.ts';
import type { HeldGrant } from '../../db/queries/held-grant.ts';
import { openSecrets, SecretsBroken } from './held-secrets.ts';
import { insistOn } from './insistence.ts';
import type { LateTokens } from './late-tokens.ts';
import type { SpilledTokens } from './spilled-tokens.ts';
import { moveGrantsOfClient } from './shared-client.ts';
import { openTokens } from './live-secrets.ts';
import { renewalRequest } from './renewal-request.ts';
import { callTokenEndpoint, readyTokenCall, type TokenAnswer } from './token-call.ts';
import { tokenDraft } from './token-draft.ts';

/** An access token that is good now, how it is sent, and the generation it belongs to. */
export interface FreshToken {
  readonly accessToken: string;
  readonly tokenType: TokenType;
  readonly generation: number;
}

/** How a renewal ended, as plain data that many requests may share. */
export type Landing =
  | { readonly kind: 'granted'; readonly token: FreshToken; readonly expiresAt: Date }
  | { readonly kind: 'busy' | 'overtaken' | 'refused' | 'misconfigured' | 'transient' | 'ambiguous' };

interface Parts {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly logger: Logger;
  readonly vault: Vault;
  readonly ledger: GrantLedger;
  readonly journal: ExchangeJournal;
  readonly send: Send;
  readonly nonces: DpopNonces;
  readonly late: LateTokens;
  readonly spilled: SpilledTokens;
  /** From 0 to 1; spreads back-offs. */
  readonly chance: () => number;
  readonly checkpoint?: Checkpoint | undefined;
}

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
    const { clock, newId, vault, ledger, checkpoint } = this.#parts;
    const secrets = await this.#secretsOf(grant);
    if (secrets === null) return { kind: 'misconfigured' };
    const { asks, spends } = renewalRequest(vault, grant);
    const { auth: settings, certificateAuthorities } = grant;
    const held = openTokens(vault, grant);
    const call = await readyTokenCall({ settings, secrets, certificateAuthorities, grant: asks, held }, this.#parts);
    const draft = tokenDraft(grant, call.request, { id: newId(), sentBy: null, startedAt: clock.now() });

    await this.#parts.spilled.prepare();
    checkpoint?.('setting-out');
    const flight = await ledger.claim(grant, spends, draft, call.masker);
    if (!flight) return { kind: 'busy' };
    checkpoint?.('claimed');

    const answer = await whilePending(this.#parts, draft, () => callTokenEndpoint(call, this.#parts));
    const { reply, result } = answer;
    checkpoint?.('answered');
    const landing =
      reply.kind === 'granted'
        ? await this.#store(flight, withoutSpare(grant, reply.tokens), result.startedAt)
        : await this.#release(flight, reply);
    checkpoint?.('stored');
    await this.#record(draft, answer, landing);
    checkpoint?.('recorded');
    return landing;
  }

  /** Null where they do not open: then nothing is asked, and nothing overwritten that another key may open. */
  async #secretsOf(grant: HeldGrant): Promise<AuthSecrets | null> {
    try {
      return openSecrets(this.#parts.vault, grant.connectionId, grant.sealedSecrets);
    } catch (error) {
      if (!(error instanceof SecretsBroken)) throw error;
      const standing = { reason: SEAL_BROKEN, detail: error.message, failures: 0, retryAt: null };
      await this.#parts.ledger.move(grant, { ...standing, state: 'misconfigured' });
      return null;
    }
  }

  /** Tx B. Never answers success before the tokens are durable: here while the lease lasts, then in the spill. */
  async #store(flight: Flight, tokens: TokenSet, startedAt: Date): Promise<Landing> {
    const { clock, ledger, logger, spilled } = this.#parts;
    const { grant, attemptId } = flight;
    const stored = await insistOn(() => ledger.store(flight, tokens, startedAt), {
      clock,
      until: new Date(flight.leaseUntil.getTime() - STORE_RESERVE_MS),
      isPassing: (err) => {
        logger.error({ connection: grant.slug, err }, 'New tokens could not be stored yet.');
        return true;
      },
    }).catch(() => spilled.keep(flight, tokens, startedAt));
    if (stored !== 'held') {
      await this.#parts.late.tell(stored, grant, attemptId, tokens);
      return { kind: 'overtaken' };
    }
    const { accessToken, tokenType, expiresAt } = tokens;
    return { kind: 'granted', token: { accessToken, tokenType, generation: grant.generation + 1 }, expiresAt };
  }

  /** Tx B for an answer without tokens. */
  async #release(flight: Flight, reply: Exclude<TokenReply, { kind: 'granted' }>): Promise<Landing> {
    const { clock, ledger, logger, chance } = this.#parts;
    const { grant } = flight;
    const standing = standingAfter(grant, reply, clock.now(), chance());
    const isMoved = await ledger.release(flight, standing, attemptEndOf(reply));
    if (isMoved && reply.code === 'invalid_client') await moveGrantsOfClient(grant, standing, clock.now());
    logger.warn({ connection: grant.slug, code: reply.code }, `No new token: ${reply.detail}`);
    return { kind: reply.kind };
  }

  /** Tx C: the exchange's outcome. A failure here loses no token. */
  async #record(draft: Draft, { result, attempts, masker }: TokenAnswer, landing: Landing): Promise<void> {
    const { journal, logger } = this.#parts;
    const generation = landing.kind === 'granted' ? landing.token.generation : draft.generation;
    try {
      const settlement = { result, generation, hops: result.hops, attempts };
      await whilePending(this.#parts, draft, () =>
        withSession(draft.workspaceId, () => session.transactional(() => journal.settle(draft, settlement, masker))),
      );
    } catch (error) {
      logger.error({ exchange: draft.id, err: error }, 'A token call could not be recorded; its tokens are safe.');
    }
  }
}

/** A grant that is fetched anew each time has no use for a refresh token (RFC 6749, section 4.4.3). */
function withoutSpare({ auth }: HeldGrant, tokens: TokenSet): TokenSet {
  return canFetchAlone(auth) ? { ...tokens, refreshToken: null } : tokens;
}
