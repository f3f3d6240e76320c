import { canFetchAlone, type AuthSettings } from '../../kernel/auth.ts';
import type { Vault } from '../../kernel/vault.ts';
import { expiryOf } from '../../oauth/expiry.ts';
import { placeOf } from '../grants/grant-seals.ts';
import type { AuthParts } from './connection-input.ts';

interface Pasted {
  readonly vault: Vault;
  readonly grantId: string;
  readonly settings: AuthSettings;
  readonly pasted: AuthParts['pasted'];
  readonly now: Date;
  /** The tokens held stay where nothing was pasted, and the refresh token where an access token alone was. */
  readonly keeps?: boolean;
}

/** The grant's columns for what a person gave: pasted tokens, nothing yet, or nothing to hold at all. */
export function grantColumns({ vault, grantId, settings, pasted, now, keeps = false }: Pasted) {
  const { accessToken, refreshToken, expiresIn } = pasted;
  const calm = {
    reason: null,
    detail: null,
    failures: 0,
    retryAt: null,
    quietUntil: null,
    quietSeconds: 0,
    leaseInstance: null,
    leaseUntil: null,
  };
  const pastes = settings.type === 'oauth2' && (accessToken !== null || refreshToken !== null);
  if (keeps && !pastes) return { ...calm, state: 'held' as const };

  const noAccess = { sealedAccessToken: null, scope: null, obtainedAt: null, expiresAt: null };
  const empty = { ...noAccess, sealedRefreshToken: null, sealedPreviousRefreshToken: null };
  if (settings.type !== 'oauth2') return { ...calm, ...empty, state: 'static' as const };
  if (!pastes || canFetchAlone(settings)) return { ...calm, ...empty, state: 'missing' as const };

  const seal = (secret: string | null, column: string) => secret && vault.seal(secret, placeOf(grantId, column));
  return {
    ...calm,
    ...(keeps && refreshToken === null ? noAccess : empty),
    state: 'held' as const,
    ...(refreshToken !== null && { sealedRefreshToken: seal(refreshToken, 'sealed_refresh_token') }),
    ...(accessToken !== null && {
      sealedAccessToken: seal(accessToken, 'sealed_access_token'),
      obtainedAt: now,
      expiresAt: expiryOf(accessToken, expiresIn, now),
    }),
  };
}
