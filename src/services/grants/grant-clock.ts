import { canFetchAlone, startsAlone } from '../../kernel/auth.ts';
import type { GrantFacts } from '../../db/queries/grants.ts';

const MARGIN_SHARE = 0.2;
const MARGIN_MIN_MS = 30_000;
const MARGIN_MAX_MS = 300_000;

/** How long one try may hold a grant. A token call's deadline is always shorter. */
export const LEASE_MS = 30_000;

/** Recovery tries with the same refresh token after an answer that nobody has. */
export const RECOVERY_TRIES = 3;

/** Why a grant is in doubt that came out of an older copy of the database. */
export const RESTORED_BACKUP = 'restored-backup';

/** No back-off is longer, whatever a provider wishes: what is further off was written by a clock that was wrong. */
const LONGEST_BACK_OFF_MS = 60 * 60_000;

type Lifetime = Pick<GrantFacts, 'auth' | 'obtainedAt' | 'expiresAt'>;

/**
 * How long before its end an access token counts as stale, in milliseconds: a fifth of its lifetime, from 30 s to
 * 300 s or what the connection says, but never more than half the lifetime.
 */
export function marginMs({ auth, obtainedAt, expiresAt }: Lifetime): number {
  if (!obtainedAt || !expiresAt) return 0;
  const lifetimeMs = expiresAt.getTime() - obtainedAt.getTime();
  const own = auth.type === 'oauth2' && auth.marginSeconds !== null ? auth.marginSeconds * 1000 : null;
  const usual = Math.min(Math.max(lifetimeMs * MARGIN_SHARE, MARGIN_MIN_MS), MARGIN_MAX_MS);
  return Math.min(own ?? usual, lifetimeMs / 2);
}

/** True while the access token may still be sent. */
export function isUsable({ hasAccessToken, expiresAt }: GrantFacts, now: Date): boolean {
  return hasAccessToken && expiresAt !== null && expiresAt > now;
}

/** True while the access token needs no renewal; `aheadMs` asks the same of a later moment. */
export function isFresh(grant: GrantFacts, now: Date, aheadMs = 0): boolean {
  return isUsable(grant, now) && now.getTime() + aheadMs < (grant.expiresAt?.getTime() ?? 0) - marginMs(grant);
}

/**
 * True while a lease runs by the clock. One with more before it than any lease lasts was written before the clock was set
 * back.
 */
export function isLeased({ leaseUntil }: { readonly leaseUntil?: Date | null | undefined }, now: Date): boolean {
  const restMs = (leaseUntil?.getTime() ?? 0) - now.getTime();
  return restMs > 0 && restMs <= LEASE_MS;
}

/** True when nobody will try again without a person, because every recovery try went unanswered. */
export function isExhausted({ state, failures }: GrantFacts): boolean {
  return state === 'ambiguous' && failures >= RECOVERY_TRIES;
}

/** True when a new access token can be had without a person. */
export function isRenewable({ auth, hasRefreshToken }: GrantFacts): boolean {
  return auth.type === 'oauth2' && (hasRefreshToken || startsAlone(auth));
}

/**
 * True when renewing spends the refresh token held. A grant that can be had without is fetched anew each time; where a
 * password is held, a refused refresh token gives way to it.
 */
export function spendsRefreshToken({ auth, state, hasRefreshToken }: GrantFacts): boolean {
  if (!hasRefreshToken || auth.type !== 'oauth2') return hasRefreshToken;
  return !canFetchAlone(auth) && !(auth.grantType === 'password' && state === 'consent-needed');
}

/** True while nobody but a person may try again, because the provider was out of reach just now. */
export function isBackingOff({ retryAt }: GrantFacts, now: Date): boolean {
  return retryAt !== null && retryAt > now && retryAt.getTime() - now.getTime() <= LONGEST_BACK_OFF_MS;
}

/** True for a grant out of an older copy of the database, whose refresh token is tried once and as late as can be. */
export function isRestored({ state, reason }: Pick<GrantFacts, 'state' | 'reason'>): boolean {
  return state === 'ambiguous' && reason === RESTORED_BACKUP;
}

/** True when the same refresh token is to be tried again now, however fresh the access token is. */
export function isRecoveryDue(grant: GrantFacts, now: Date): boolean {
  return grant.state === 'ambiguous' && !isRestored(grant) && !isExhausted(grant) && !isBackingOff(grant, now);
}
