import { canFetchAlone, type AuthSettings } from '../../kernel/auth.ts';
import type { GrantTelling, ToldGrantState } from '../../kernel/grant-telling.ts';
import type { GrantFacts } from '../../db/queries/grants.ts';

const MARGIN_SHARE = 0.2;
const MARGIN_MIN_MS = 30_000;
const MARGIN_MAX_MS = 300_000;

/** Seconds between two looks at a grant that is on the move, at least. */
const MOVING_CHECK_S = 2;

/** Recovery tries with the same refresh token after an answer that nobody has. */
export const RECOVERY_TRIES = 3;

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

/** True while somebody holds the lease, as far as the clock can tell. */
export function isLeased({ leaseInstance, leaseUntil }: GrantFacts, now: Date): boolean {
  return leaseInstance !== null && leaseUntil !== null && leaseUntil > now;
}

/** True when nobody will try again without a person, because every recovery try went unanswered. */
export function isExhausted({ state, failures }: GrantFacts): boolean {
  return state === 'ambiguous' && failures >= RECOVERY_TRIES;
}

/** True when a new access token can be had without a person. */
export function isRenewable({ auth, hasRefreshToken }: GrantFacts): boolean {
  return auth.type === 'oauth2' && (hasRefreshToken || canFetchAlone(auth));
}

/** What pages and programs may know of a grant now (product words; never a token). */
export function tellGrant(grant: GrantFacts, now: Date): GrantTelling {
  const state = toldState(grant, now);
  const { expiresAt, obtainedAt } = grant;
  return {
    connection: grant.slug,
    state,
    generation: grant.generation,
    obtainedAt,
    expiresAt,
    expiresIn: expiresAt && Math.max(0, Math.floor((expiresAt.getTime() - now.getTime()) / 1000)),
    nextCheckIn: nextCheckIn(grant, state, now),
    lifetimeSeconds: expiresAt && obtainedAt && Math.round((expiresAt.getTime() - obtainedAt.getTime()) / 1000),
    reason: grant.reason,
    detail: grant.detail,
    action: actionFor(grant.slug, grant.auth, state),
  };
}

function toldState(grant: GrantFacts, now: Date): ToldGrantState {
  if (grant.state !== 'held') return grant.state;
  if (isLeased(grant, now)) return 'refreshing';
  if (isFresh(grant, now)) return 'fresh';
  return isUsable(grant, now) ? 'due' : 'expired';
}

function nextCheckIn(grant: GrantFacts, state: ToldGrantState, now: Date): number | null {
  switch (state) {
    case 'fresh':
      return Math.max(1, secondsUntil((grant.expiresAt?.getTime() ?? 0) - marginMs(grant), now));
    case 'missing':
      return isRenewable(grant) ? MOVING_CHECK_S : null;
    case 'due':
    case 'expired':
    case 'refreshing':
    case 'ambiguous':
      if (isExhausted(grant) || (state !== 'refreshing' && !isRenewable(grant))) return untilItEnds(grant, now);
      return Math.max(MOVING_CHECK_S, grant.retryAt ? secondsUntil(grant.retryAt.getTime(), now) : 0);
    case 'static':
    case 'consent-needed':
    case 'misconfigured':
    case 'revoked':
      return null;
  }
}

/** Nobody will renew it: the next thing that can change is that the access token ends. */
function untilItEnds(grant: GrantFacts, now: Date): number | null {
  return grant.expiresAt && isUsable(grant, now)
    ? Math.max(MOVING_CHECK_S, secondsUntil(grant.expiresAt.getTime(), now))
    : null;
}

function secondsUntil(ms: number, now: Date): number {
  return Math.ceil((ms - now.getTime()) / 1000);
}

/** What a person can do about it, if only a person can. */
function actionFor(slug: string, auth: AuthSettings, state: ToldGrantState): GrantTelling['action'] {
  const edit = `/connections/${slug}/edit`;
  if (state === 'misconfigured') return { label: 'Edit the connection', href: edit };
  const needsPerson = state === 'consent-needed' || state === 'revoked' || state === 'missing';
  if (!needsPerson || auth.type !== 'oauth2' || (state === 'missing' && canFetchAlone(auth))) return null;
  if (auth.grantType === 'authorization_code') {
    return { label: state === 'missing' ? 'Consent' : 'Consent again', href: `/connections/${slug}/consent` };
  }
  return { label: auth.grantType === 'refresh_token' ? 'Paste a refresh token' : 'Edit the connection', href: edit };
}
