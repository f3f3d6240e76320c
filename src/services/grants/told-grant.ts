import { startsAlone } from '../../kernel/auth.ts';
import type { GrantTelling, ToldGrantState } from '../../kernel/grant-telling.ts';
import type { GrantFacts } from '../../db/queries/grants.ts';
import { wantsPerson } from '../../oauth/classifier.ts';
import { isExhausted, isFresh, isLeased, isRenewable, isRestored, isUsable, marginMs } from './grant-clock.ts';

/** Seconds between two looks at a grant that is on the move, at least. */
const MOVING_CHECK_S = 2;

/** What pages and programs may know of a grant now (product words; never a token). */
export function tellGrant(grant: GrantFacts, now: Date): GrantTelling {
  const state = toldState(grant, now);
  const { auth, expiresAt, obtainedAt } = grant;
  return {
    connection: grant.slug,
    client: auth.type === 'oauth2' ? { tokenUrl: auth.tokenUrl, clientId: auth.clientId } : null,
    state,
    generation: grant.generation,
    scope: grant.scope,
    scopeAsked: grant.scopeAsked,
    tokenType: grant.tokenType,
    obtainedAt,
    expiresAt,
    expiresIn: expiresAt && Math.max(0, Math.floor((expiresAt.getTime() - now.getTime()) / 1000)),
    nextCheckIn: nextCheckIn(grant, state, now),
    lifetimeSeconds: expiresAt && obtainedAt && Math.round((expiresAt.getTime() - obtainedAt.getTime()) / 1000),
    refreshExpiresAt: grant.refreshExpiresAt,
    consentedBy: grant.consentedBy,
    consentedAt: grant.consentedAt,
    reason: grant.reason,
    detail: grant.detail,
    movedTokenUrl: grant.movedTokenUrl,
    action: actionFor(grant, state),
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
      return isRenewable(grant) ? restOfBackOff(grant, now) : null;
    case 'due':
    case 'expired':
    case 'refreshing':
    case 'ambiguous':
      // Nobody touches it before its access token has ended.
      if (isRestored(grant) && isUsable(grant, now)) return untilItEnds(grant, now);
      if (isExhausted(grant) || (state !== 'refreshing' && !isRenewable(grant))) return untilItEnds(grant, now);
      return restOfBackOff(grant, now);
    case 'static':
    case 'consent-needed':
    case 'misconfigured':
    case 'revoked':
      return null;
  }
}

function restOfBackOff({ retryAt }: GrantFacts, now: Date): number {
  return Math.max(MOVING_CHECK_S, retryAt ? secondsUntil(retryAt.getTime(), now) : 0);
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
function actionFor(grant: GrantFacts, state: ToldGrantState): GrantTelling['action'] {
  const { slug, auth } = grant;
  const edit = `/connections/${slug}/edit`;
  if (state === 'misconfigured' && !wantsPerson(grant.reason)) return { label: 'Edit the connection', href: edit };
  if (auth.type !== 'oauth2') return null;
  const isGone = (state === 'missing' || state === 'revoked') && !startsAlone(auth);
  const isWanted = state === 'consent-needed' || state === 'misconfigured';
  if (!isGone && !isWanted && !isExhausted(grant)) return null;
  if (auth.grantType === 'authorization_code') {
    return { label: state === 'missing' ? 'Consent' : 'Consent again', href: `/connections/${slug}/consent` };
  }
  if (auth.grantType === 'urn:ietf:params:oauth:grant-type:device_code') {
    return { label: 'Consent on another device', href: `/connections/${slug}/device` };
  }
  return { label: auth.grantType === 'refresh_token' ? 'Paste a refresh token' : 'Edit the connection', href: edit };
}
