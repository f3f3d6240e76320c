import { durably, session, withSession } from '../../db/session.ts';
import type { AuthSettings, OAuth2Settings } from '../../kernel/auth.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { NewId } from '../../kernel/ids.ts';
import type { Masker } from '../../kernel/masker.ts';
import type { TokenReply, TokenSet } from '../../kernel/token-reply.ts';
import type { Vault } from '../../kernel/vault.ts';
import { Connection } from '../../model/connection.ts';
import { Grant, type GrantState } from '../../model/grant.ts';
import { type AttemptState, RefreshAttempt } from '../../model/refresh-attempt.ts';
import type { Draft, ExchangeJournal } from '../exchanges/exchange-journal.ts';
import type { HeldGrant } from '../../db/queries/held-grant.ts';

/** How long one try may hold a grant. A token call's deadline is always shorter. */
export const LEASE_MS = 30_000;

/** One try under way: what it set out from and under which fence it flies. */
export interface Flight {
  readonly grant: HeldGrant;
  readonly attemptId: string;
  readonly fence: number;
  readonly leaseUntil: Date;
}

/** How a try ended for the attempt's row. */
export interface AttemptEnd {
  readonly state: AttemptState;
  readonly outcome: string;
  readonly reason: string | null;
  readonly detail: string | null;
}

interface Parts {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly instanceId: string;
  readonly vault: Vault;
  readonly journal: ExchangeJournal;
  /** Keyed and not reversible: tells two refresh tokens apart without holding either. */
  readonly fingerprint: (secret: string) => string;
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
    const startedAt = clock.now();
    const flight = {
      grant,
      attemptId: newId(),
      fence: grant.fence + 1,
      leaseUntil: new Date(startedAt.getTime() + LEASE_MS),
    };
    const failures = grant.state === 'ambiguous' ? grant.failures + 1 : grant.failures;

    return this.#durably(grant, async () => {
      const rows = await session.nativeUpdate(
        Grant,
        { id: grant.id, generation: grant.generation, fence: grant.fence, leaseInstance: null },
        {
          leaseInstance: instanceId,
          leaseUntil: flight.leaseUntil,
          fence: flight.fence,
          failures,
          updatedAt: startedAt,
        },
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

  /** Tx B: the new tokens and nothing else. False when the grant has moved on; the tokens are then kept on the attempt. */
  async store({ grant, attemptId, fence }: Flight, tokens: TokenSet, startedAt: Date): Promise<boolean> {
    const { clock } = this.#parts;
    return this.#durably(grant, async () => {
      const rows = await session.nativeUpdate(
        Grant,
        { id: grant.id, generation: grant.generation, fence },
        {
          ...this.sealed(grant.id, tokens),
          ...(tokens.refreshToken !== null && { sealedPreviousRefreshToken: this.#movedSeal(grant) }),
          ...HELD,
          generation: grant.generation + 1,
          scope: tokens.scope ?? grant.scope,
          obtainedAt: startedAt,
          expiresAt: tokens.expiresAt,
          updatedAt: clock.now(),
        },
      );
      const isStored = rows === 1;
      await this.#endAttempt(attemptId, isStored ? STORED : OVERTAKEN, isStored ? null : tokens);
      return isStored;
    });
  }

  /** A person's consent brought tokens: they replace everything held. False when the grant moved meanwhile. */
  async replace(grant: HeldGrant, tokens: TokenSet, startedAt: Date): Promise<boolean> {
    return this.#durably(grant, async () => {
      const rows = await session.nativeUpdate(
        Grant,
        { id: grant.id, generation: grant.generation, fence: grant.fence },
        {
          sealedRefreshToken: null,
          sealedPreviousRefreshToken: null,
          ...this.sealed(grant.id, tokens),
          ...HELD,
          generation: grant.generation + 1,
          fence: grant.fence + 1,
          scope: tokens.scope ?? grant.auth.scope,
          obtainedAt: startedAt,
          expiresAt: tokens.expiresAt,
          updatedAt: this.#parts.clock.now(),
        },
      );
      return rows === 1;
    });
  }

  /** Ends a try that brought no tokens: the grant's new standing, and the attempt's outcome. */
  async release(flight: Flight, standing: GrantStanding, end: AttemptEnd): Promise<void> {
    const { grant, attemptId, fence } = flight;
    await this.#durably(grant, async () => {
      await session.nativeUpdate(
        Grant,
        { id: grant.id, generation: grant.generation, fence },
        { ...standing, ...NO_LEASE, updatedAt: this.#parts.clock.now() },
      );
      await this.#endAttempt(attemptId, end, null);
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

  /** Takes an abandoned lease away: its attempt becomes `unknown`, and the grant ambiguous where a token was spent. */
  async recover(grant: HeldGrant): Promise<void> {
    const isAtStake = grant.sealedRefreshToken !== null;
    await this.#durably(grant, async () => {
      const rows = await session.nativeUpdate(
        Grant,
        { id: grant.id, generation: grant.generation, fence: grant.fence },
        {
          ...NO_LEASE,
          fence: grant.fence + 1,
          retryAt: null,
          updatedAt: this.#parts.clock.now(),
          ...(isAtStake && { state: 'ambiguous' as const, ...INTERRUPTED }),
          ...(isAtStake && grant.state !== 'ambiguous' && { failures: 0 }),
        },
      );
      if (rows !== 1) return;
      await session.nativeUpdate(
        RefreshAttempt,
        { grantId: grant.id, fence: grant.fence, state: 'intent' },
        { state: 'unknown', outcome: 'interrupted', reason: INTERRUPTED.reason, endedAt: this.#parts.clock.now() },
      );
    });
  }

  /** A client that is not known any more: no connection of the workspace that uses it tries again by itself. */
  async misconfigureClient(grant: HeldGrant, standing: GrantStanding): Promise<void> {
    await this.#durably(grant, async () => {
      const connections = await session.find(Connection, {}, { fields: ['auth'] });
      const sharing = connections.filter(({ auth }) => isSameClient(auth, grant.auth)).map(({ id }) => id);
      const idle = {
        connectionId: { $in: sharing },
        leaseInstance: null,
        state: { $in: ['held', 'ambiguous', 'missing'] },
      } as const;
      for (const { id, fence } of await session.find(Grant, idle, { fields: ['fence'] })) {
        await session.nativeUpdate(
          Grant,
          { id, fence, leaseInstance: null },
          { ...standing, fence: fence + 1, updatedAt: this.#parts.clock.now() },
        );
      }
    });
  }

  /** Token columns of a grant, sealed for its row; a reply without a refresh token leaves the old one where it is. */
  sealed(grantId: string, { accessToken, refreshToken }: Pick<TokenSet, 'accessToken' | 'refreshToken'>) {
    const { vault } = this.#parts;
    return {
      sealedAccessToken: vault.seal(accessToken, placeOf(grantId, 'sealed_access_token')),
      ...(refreshToken !== null && {
        sealedRefreshToken: vault.seal(refreshToken, placeOf(grantId, 'sealed_refresh_token')),
      }),
    };
  }

  #movedSeal({ id, sealedRefreshToken }: HeldGrant): string | null {
    if (sealedRefreshToken === null) return null;
    const { vault } = this.#parts;
    const secret = vault.open(sealedRefreshToken, placeOf(id, 'sealed_refresh_token'));
    return vault.seal(secret, placeOf(id, 'sealed_previous_refresh_token'));
  }

  async #endAttempt(id: string, end: AttemptEnd, leftOver: TokenSet | null): Promise<void> {
    const sealedTokens =
      leftOver &&
      this.#parts.vault.seal(JSON.stringify(leftOver), { table: 'refresh_attempt', column: 'sealed_tokens', row: id });
    await session.nativeUpdate(RefreshAttempt, { id }, { ...end, sealedTokens, endedAt: this.#parts.clock.now() });
  }

  #durably<T>({ workspaceId }: { workspaceId: string }, work: () => Promise<T>): Promise<T> {
    return withSession(workspaceId, () => durably(work));
  }
}

/** What a grant may be moved to without new tokens. */
export interface GrantStanding {
  readonly state: GrantState;
  readonly reason: string | null;
  readonly detail: string | null;
  readonly failures: number;
  readonly retryAt: Date | null;
}

function isSameClient(auth: AuthSettings, own: OAuth2Settings): boolean {
  return auth.type === 'oauth2' && auth.tokenUrl === own.tokenUrl && auth.clientId === own.clientId;
}

/** Where a sealed column of a grant stands. */
export function placeOf(grantId: string, column: string) {
  return { table: 'grant', column, row: grantId };
}

const NO_LEASE = { leaseInstance: null, leaseUntil: null };
const HELD = { ...NO_LEASE, state: 'held' as const, reason: null, detail: null, failures: 0, retryAt: null };
const STORED: AttemptEnd = { state: 'done', outcome: 'granted', reason: null, detail: null };
const OVERTAKEN: AttemptEnd = {
  state: 'done',
  outcome: 'overtaken',
  reason: 'generation-moved',
  detail: 'The grant had moved on when these tokens came. They are kept here, sealed.',
};
const INTERRUPTED = {
  reason: 'crash_during_refresh',
  detail: 'A renewal was cut off before its answer was kept. The same refresh token is tried again.',
};

/** How an attempt ends for a reply without tokens. */
export function attemptEndOf(reply: Exclude<TokenReply, { kind: 'granted' }>): AttemptEnd {
  return {
    state: reply.kind === 'ambiguous' ? 'unknown' : 'failed',
    outcome: reply.kind,
    reason: reply.code,
    detail: reply.detail,
  };
}
