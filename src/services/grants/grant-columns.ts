import type { HeldGrant } from '../../db/queries/held-grant.ts';
import type { TokenSet } from '../../kernel/token-reply.ts';

/** Nobody is at it. */
export const NO_LEASE = { leaseInstance: null, leaseUntil: null };
/** Tokens that were had without the refresh token held belong to another family. */
export const NO_REFRESH_TOKEN = { sealedRefreshToken: null, sealedPreviousRefreshToken: null, refreshExpiresAt: null };
/** As a grant stands whose tokens are good. */
export const HELD = {
  ...NO_LEASE,
  state: 'held' as const,
  reason: null,
  detail: null,
  failures: 0,
  retryAt: null,
  toldAt: null,
};
/** As a grant stands that was given back. */
export const WIPED = {
  ...HELD,
  state: 'revoked' as const,
  sealedAccessToken: null,
  sealedRefreshToken: null,
  sealedPreviousRefreshToken: null,
  tokenType: 'bearer' as const,
  scope: null,
  scopeAsked: null,
  obtainedAt: null,
  expiresAt: null,
  refreshExpiresAt: null,
  consentedBy: null,
  consentedAt: null,
  quietUntil: null,
  quietSeconds: 0,
};

/** From when to when a token set lives, and how it is sent. */
export function lifeOf({ auth }: HeldGrant, { tokenType, expiresAt, refreshExpiresAt }: TokenSet, obtainedAt: Date) {
  const renewed = refreshExpiresAt !== null && { refreshExpiresAt };
  return { tokenType, scopeAsked: auth.scope, obtainedAt, expiresAt, ...renewed };
}
