import { canFetchAlone, type AuthSettings } from '../../kernel/auth.ts';
import type { Vault } from '../../kernel/vault.ts';
import { placeOf } from '../grants/grant-ledger.ts';
import type { AuthParts } from './connection-input.ts';

/** How long a pasted access token counts where nobody says. */
const UNKNOWN_LIFETIME_S = 55 * 60;

interface Pasted {
  readonly vault: Vault;
  readonly grantId: string;
  readonly settings: AuthSettings;
  readonly pasted: AuthParts['pasted'];
  readonly now: Date;
  /** The tokens held stay where nothing else was pasted. */
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

  const empty = {
    sealedAccessToken: null,
    sealedRefreshToken: null,
    sealedPreviousRefreshToken: null,
    scope: null,
    obtainedAt: null,
    expiresAt: null,
  };
  if (settings.type !== 'oauth2') return { ...calm, ...empty, state: 'static' as const };
  if (!pastes || canFetchAlone(settings)) return { ...calm, ...empty, state: 'missing' as const };

  const seal = (secret: string | null, column: string) => secret && vault.seal(secret, placeOf(grantId, column));
  return {
    ...calm,
    ...empty,
    state: 'held' as const,
    sealedAccessToken: seal(accessToken, 'sealed_access_token'),
    ...(!keeps || refreshToken !== null ? { sealedRefreshToken: seal(refreshToken, 'sealed_refresh_token') } : {}),
    ...(accessToken !== null && {
      obtainedAt: now,
      expiresAt: new Date(now.getTime() + (expiresIn ?? UNKNOWN_LIFETIME_S) * 1000),
    }),
  };
}
