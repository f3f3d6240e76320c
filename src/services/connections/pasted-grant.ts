import { canFetchAlone, type AuthSettings } from '../../kernel/auth.ts';
import type { Vault } from '../../kernel/vault.ts';
import { expiryOf } from '../../oauth/expiry.ts';
import { placeOf } from '../grants/grant-seals.ts';
import type { PastedTokens } from './connection-input.ts';

/** Which tokens a grant holds. */
export interface HeldTokens {
  readonly accessToken: boolean;
  readonly refreshToken: boolean;
}

interface Pasted {
  readonly vault: Vault;
  readonly grantId: string;
  readonly settings: AuthSettings;
  readonly pasted: PastedTokens;
  readonly now: Date;
  /** Tokens that stay where none is pasted or taken away: those of a grant that goes on. */
  readonly held?: HeldTokens;
}

const CALM = {
  reason: null,
  detail: null,
  failures: 0,
  retryAt: null,
  quietUntil: null,
  quietSeconds: 0,
  leaseInstance: null,
  leaseUntil: null,
  toldAt: null,
};
const NO_ACCESS = {
  sealedAccessToken: null,
  tokenType: 'bearer' as const,
  scope: null,
  scopeAsked: null,
  obtainedAt: null,
  expiresAt: null,
};
const NO_REFRESH = {
  sealedRefreshToken: null,
  sealedPreviousRefreshToken: null,
  refreshExpiresAt: null,
  consentedBy: null,
  consentedAt: null,
};
const NOTHING_HELD: HeldTokens = { accessToken: false, refreshToken: false };

/** The grant's columns for what a person gave: pasted tokens, nothing yet, or nothing to hold at all. */
export function grantColumns({ vault, grantId, settings, pasted, now, held = NOTHING_HELD }: Pasted) {
  const { accessToken, refreshToken, expiresIn } = pasted;
  if (settings.type !== 'oauth2') return { ...CALM, ...NO_ACCESS, ...NO_REFRESH, state: 'static' as const };

  const pastes = typeof accessToken === 'string' || typeof refreshToken === 'string';
  const keepsRefresh = held.refreshToken && refreshToken === undefined;
  // An access token of another family must not be renewed with what was pasted now.
  const keepsAccess = held.accessToken && accessToken === undefined && typeof refreshToken !== 'string';
  const isMissing = pastes ? canFetchAlone(settings) : !keepsRefresh && !keepsAccess;
  if (isMissing) return { ...CALM, ...NO_ACCESS, ...NO_REFRESH, state: 'missing' as const };

  const seal = (secret: string, column: string) => vault.seal(secret, placeOf(grantId, column));
  return {
    ...CALM,
    state: 'held' as const,
    ...(!keepsRefresh && NO_REFRESH),
    ...(!keepsAccess && NO_ACCESS),
    ...(typeof refreshToken === 'string' && { sealedRefreshToken: seal(refreshToken, 'sealed_refresh_token') }),
    ...(typeof accessToken === 'string' && {
      sealedAccessToken: seal(accessToken, 'sealed_access_token'),
      tokenType: 'bearer' as const,
      obtainedAt: now,
      expiresAt: expiryOf(accessToken, expiresIn, now),
    }),
  };
}
