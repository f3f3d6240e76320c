import { durably, session, withSession } from '../../db/session.ts';
import type { Checkpoint } from '../../kernel/checkpoint.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { NewId } from '../../kernel/ids.ts';
import type { Masker } from '../../kernel/masker.ts';
import type { TokenSet } from '../../kernel/token-reply.ts';
import type { Vault } from '../../kernel/vault.ts';
import { ConsentAttempt } from '../../model/consent-attempt.ts';
import { Grant } from '../../model/grant.ts';
import { RefreshAttempt } from '../../model/refresh-attempt.ts';
import type { Draft, ExchangeJournal } from '../exchanges/exchange-journal.ts';
import type { HeldGrant } from '../../db/queries/held-grant.ts';
import { cancelDeviceAttempts, DISCONNECTED } from '../connections/device-end.ts';
import { type AttemptEnd, INTERRUPTED, OVERTAKEN, STORED } from './attempt-end.ts';
import { LEASE_MS, spendsRefreshToken } from './grant-clock.ts';
import { HELD, lifeOf, NO_LEASE, NO_REFRESH_TOKEN, WIPED } from './grant-columns.ts';
import { openToken, placeOf, sealedAsPrevious, sealedLeftOver, sealedTokens } from './grant-seals.ts';
import type { GrantStanding } from './grant-standing.ts';

/** One try under way: what it set out from and under which fence it flies. */
export interface Flight {
  readonly grant: HeldGrant;
  readonly attemptId: string;
  readonly fence: number;
  readonly leaseUntil: Date;
}

/** What is left of a flight when its tokens are stored. */
type LandingFlight = Pick<Flight, 'grant' | 'attemptId' | 'fence'>;

/** Where new tokens ended up: in the grant, aside on the attempt, or nowhere, because the connection was deleted. */
export type Stored = 'held' | 'kept-aside' | 'gone';

interface Parts {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly instanceId: string;
  readonly vault: Vault;
  readonly journal: ExchangeJournal;
  /** Keyed and not reversible: tells two refresh tokens apart without holding either. */
  readonly fingerprint: (secret: string) => string;
  readonly checkpoint?: Checkpoint | undefined;
}

/**
 * The only writer of token columns. Every write is a compare-and-set on generation and fence, in a durable
 * transaction and a scope of its own.
 */
export class GrantLedger {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Tx A: takes the lease and writes the intent and the token call's pending exchange down, all or nothing.
   * Null when somebody else was faster.
   */
  async claim(grant: HeldGrant, spends: string | null, draft: Draft, masker: Masker): Promise<Flight | null> {
    const { clock, newId, instanceId, journal, fingerprint } = this.#parts;
    const failures = grant.state === 'ambiguous' ? grant.failures + 1 : grant.failures;

    return this.#durably(grant, async () => {
      // Only now: waiting for the database must not eat the lease.
      const startedAt = clock.now();
      const flight = {
        grant,
        attemptId: newId(),
        fence: grant.fence + 1,
        leaseUntil: new Date(startedAt.getTime() + LEASE_MS),
      };
      const lease = { leaseInstance: instanceId, leaseUntil: flight.leaseUntil, fence: flight.fence };
      const rows = await session.nativeUpdate(
        Grant,
        { id: grant.id, generation: grant.generation, fence: grant.fence, leaseInstance: null },
        { ...lease, failures, updatedAt: startedAt },
      );
      if (rows !== 1) return null;

      await session.insert(RefreshAttempt, {
        id: flight.attemptId,
        workspaceId: grant.workspaceId,
        connectionId: grant.connectionId,
        grantId: grant.id,
        instanceId,
        exchangeId: draft.id,
        generation: grant.generation,
        fence: flight.fence,
        fingerprint: spends === null ? null : fingerprint(spends),
        state: 'intent',
        leaseUntil: flight.leaseUntil,
        startedAt,
      });
      await journal.begin(draft, masker);
      return flight;
    });
  }

  /**
   * Tx B: the new tokens and nothing else. A grant that has moved on takes none: they are kept on the attempt. The same
   * tokens may come again, after a commit that nobody heard of: they are stored once.
   */
  async store({ grant, attemptId, fence }: LandingFlight, tokens: TokenSet, startedAt: Date): Promise<Stored> {
    const { clock, vault } = this.#parts;
    return this.#durably(grant, async () => {
      const rows = await session.nativeUpdate(
        Grant,
        { id: grant.id, generation: grant.generation, fence },
        {
          ...(!spendsRefreshToken(grant) && NO_REFRESH_TOKEN),
          ...sealedTokens(vault, grant.id, tokens),
          ...(tokens.refreshToken !== null && { sealedPreviousRefreshToken: sealedAsPrevious(vault, grant) }),
          ...HELD,
          generation: grant.generation + 1,
          ...lifeOf(grant, tokens, startedAt),
          scope: tokens.scope ?? grant.scope,
          updatedAt: clock.now(),
        },
      );
      if (rows === 1) {
        this.#parts.checkpoint?.('storing');
        await this.#endAttempt(attemptId, STORED);
        return 'held';
      }
      return this.#putAside(attemptId, tokens);
    });
  }

  /** Keeps tokens on their attempt, because there is no grant any more that could take them. */
  keepAside(place: { readonly workspaceId: string }, attemptId: string, tokens: TokenSet): Promise<Stored> {
    return this.#durably(place, () => this.#putAside(attemptId, tokens));
  }

  /** True while the grant holds the very refresh token that this try has spent: nobody has brought another since. */
  async stillHolds({ id, workspaceId, sealedRefreshToken }: HeldGrant, attemptId: string): Promise<boolean> {
    const { vault, fingerprint } = this.#parts;
    const held = openToken(vault, sealedRefreshToken, placeOf(id, 'sealed_refresh_token'));
    if (held === null) return false;
    const attempt = await withSession(workspaceId, () => session.findOne(RefreshAttempt, { id: attemptId }));
    return attempt?.fingerprint === fingerprint(held);
  }

  /**
   * A person's consent brought tokens: they replace everything held. False when the grant moved meanwhile. `alongside` is
   * done in the same transaction; what it throws undoes both.
   */
  async replace(
    grant: HeldGrant,
    tokens: TokenSet,
    startedAt: Date,
    consentedBy: string,
    alongside?: () => Promise<void>,
  ): Promise<boolean> {
    return this.#durably(grant, async () => {
      const rows = await session.nativeUpdate(
        Grant,
        { id: grant.id, generation: grant.generation, fence: grant.fence },
        {
          sealedRefreshToken: null,
          sealedPreviousRefreshToken: null,
          ...sealedTokens(this.#parts.vault, grant.id, tokens),
          ...HELD,
          generation: grant.generation + 1,
          fence: grant.fence + 1,
          ...lifeOf(grant, tokens, startedAt),
          refreshExpiresAt: tokens.refreshExpiresAt,
          scope: tokens.scope ?? grant.auth.scope,
          consentedBy,
          consentedAt: startedAt,
          updatedAt: this.#parts.clock.now(),
        },
      );
      if (rows === 1) await alongside?.();
      return rows === 1;
    });
  }

  /** An owner gives the grant back: its tokens go, and consents under way end. False when the grant moved meanwhile. */
  async revoke(grant: HeldGrant): Promise<boolean> {
    const { id, connectionId, generation, fence } = grant;
    return this.#durably(grant, async () => {
      const now = this.#parts.clock.now();
      const rows = await session.nativeUpdate(
        Grant,
        { id, generation, fence },
        { ...WIPED, generation: generation + 1, fence: fence + 1, updatedAt: now },
      );
      if (rows === 1) await session.nativeDelete(ConsentAttempt, { connectionId });
      if (rows === 1) await cancelDeviceAttempts(connectionId, DISCONNECTED, now);
      return rows === 1;
    });
  }

  /** Ends a try that brought no tokens: the grant's new standing, unless it has moved on, and the attempt's outcome. */
  async release(flight: Flight, standing: GrantStanding, end: AttemptEnd): Promise<boolean> {
    const { grant, attemptId, fence } = flight;
    return this.#durably(grant, async () => {
      const rows = await session.nativeUpdate(
        Grant,
        { id: grant.id, generation: grant.generation, fence },
        { ...standing, ...NO_LEASE, updatedAt: this.#parts.clock.now() },
      );
      await this.#endAttempt(attemptId, end);
      return rows === 1;
    });
  }

  /** Changes a grant's standing outside a try, where nobody was faster; true when it did. */
  async move(
    grant: Pick<HeldGrant, 'id' | 'workspaceId' | 'generation' | 'fence'>,
    standing: GrantStanding,
  ): Promise<boolean> {
    return this.#durably(grant, async () => {
      const rows = await session.nativeUpdate(
        Grant,
        { id: grant.id, generation: grant.generation, fence: grant.fence },
        { ...standing, ...NO_LEASE, fence: grant.fence + 1, updatedAt: this.#parts.clock.now() },
      );
      return rows === 1;
    });
  }

  /**
   * Takes an abandoned lease away, if it still stands: its attempt becomes `unknown`, and the grant ambiguous where a
   * refresh token was spent.
   */
  async recover(grant: HeldGrant): Promise<void> {
    const { reason, detail } = INTERRUPTED;
    const { id, generation, fence, leaseInstance } = grant;
    const now = this.#parts.clock.now();
    // One that does not open now was spent all the same.
    const hasRefreshToken = grant.sealedRefreshToken !== null;
    const atStake = spendsRefreshToken({ ...grant, hasRefreshToken }) && {
      state: 'ambiguous' as const,
      reason,
      detail,
      ...(grant.state !== 'ambiguous' && { failures: 0 }),
    };
    await this.#durably(grant, async () => {
      const rows = await session.nativeUpdate(
        Grant,
        { id, generation, fence, leaseInstance },
        { ...NO_LEASE, ...atStake, fence: fence + 1, retryAt: null, updatedAt: now },
      );
      if (rows !== 1) return;
      await session.nativeUpdate(
        RefreshAttempt,
        { grantId: id, fence, state: 'intent' },
        { ...INTERRUPTED, endedAt: now },
      );
    });
  }

  async #putAside(attemptId: string, tokens: TokenSet): Promise<Stored> {
    const attempt = await session.findOne(RefreshAttempt, { id: attemptId });
    if (attempt?.state === 'done' && attempt.outcome === STORED.outcome) return 'held';
    const leftOver = sealedLeftOver(this.#parts.vault, attemptId, tokens);
    const kept = await this.#endAttempt(attemptId, OVERTAKEN, leftOver);
    return kept === 1 ? 'kept-aside' : 'gone';
  }

  #endAttempt(id: string, end: AttemptEnd, leftOver: string | null = null): Promise<number> {
    const endedAt = this.#parts.clock.now();
    return session.nativeUpdate(RefreshAttempt, { id }, { ...end, sealedTokens: leftOver, endedAt });
  }

  #durably<T>({ workspaceId }: { workspaceId: string }, work: () => Promise<T>): Promise<T> {
    return withSession(workspaceId, () => durably(work));
  }
}
