import type { AuthSecrets, AuthSettings } from '../../kernel/auth.ts';
import type { Vault } from '../../kernel/vault.ts';
import { type MaskingSubject, maskerFor } from '../../secrets/masking.ts';
import type { Masker } from '../../kernel/masker.ts';
import { openToken, placeOf } from './grant-seals.ts';
import type { HeldGrant } from '../../db/queries/held-grant.ts';

export { openToken };

/** Every token a grant holds now, opened; one whose seal is broken is left out, for nobody can tell it any more. */
export function openTokens(vault: Vault, grant: HeldGrant): string[] {
  const columns = [
    ['sealed_access_token', grant.sealedAccessToken],
    ['sealed_refresh_token', grant.sealedRefreshToken],
    ['sealed_previous_refresh_token', grant.sealedPreviousRefreshToken],
  ] as const;
  return columns
    .map(([column, sealed]) => openToken(vault, sealed, placeOf(grant.id, column)))
    .filter((token) => token !== null);
}

interface MaskedConnection {
  readonly auth: AuthSettings;
  readonly maskNames: readonly string[];
  readonly unmaskNames: readonly string[];
}

/** Masks what a connection's calls must not show: its secrets and tokens by value, the usual names besides. */
export function callMasker(connection: MaskedConnection, secrets: AuthSecrets, tokens: Iterable<string>): Masker {
  return maskerFor(callSubject(connection, secrets, tokens));
}

/** What has to stay in of a connection's calls. */
export function callSubject(
  { auth, maskNames, unmaskNames }: MaskedConnection,
  secrets: AuthSecrets,
  tokens: Iterable<string>,
): MaskingSubject {
  const pairs = [
    ...(auth.type === 'basic' && secrets.password ? [[auth.username, secrets.password] as const] : []),
    ...(auth.type === 'oauth2' && secrets.clientSecret ? [[auth.clientId, secrets.clientSecret] as const] : []),
  ];
  return {
    secrets: [...Object.values(secrets).filter((secret) => typeof secret === 'string'), ...tokens],
    basicPairs: pairs,
    wide: false,
    maskNames: auth.type === 'apiKey' ? [...maskNames, auth.name.toLowerCase()] : maskNames,
    unmaskNames,
  };
}
