import type { TokenSet } from '../../kernel/token-reply.ts';
import type { SealedPlace, Vault } from '../../kernel/vault.ts';
import type { HeldGrant } from '../../db/queries/held-grant.ts';
import { SealBroken } from '../../secrets/vault.ts';

/** Where a sealed column of a grant stands. */
export function placeOf(grantId: string, column: string) {
  return { table: 'grant', column, row: grantId };
}

/** Token columns of a grant, sealed for its row; a reply without a refresh token leaves the old one where it is. */
export function sealedTokens(
  vault: Vault,
  grantId: string,
  { accessToken, refreshToken }: Pick<TokenSet, 'accessToken' | 'refreshToken'>,
) {
  return {
    sealedAccessToken: vault.seal(accessToken, placeOf(grantId, 'sealed_access_token')),
    ...(refreshToken !== null && {
      sealedRefreshToken: vault.seal(refreshToken, placeOf(grantId, 'sealed_refresh_token')),
    }),
  };
}

/** The refresh token held, sealed again for the place of the previous one; null where there is none that opens. */
export function sealedAsPrevious(vault: Vault, { id, sealedRefreshToken }: HeldGrant): string | null {
  const secret = openToken(vault, sealedRefreshToken, placeOf(id, 'sealed_refresh_token'));
  return secret === null ? null : vault.seal(secret, placeOf(id, 'sealed_previous_refresh_token'));
}

/** Seals tokens that no grant takes any more for the attempt that brought them. */
export function sealedLeftOver(vault: Vault, attemptId: string, tokens: TokenSet): string {
  return vault.seal(JSON.stringify(tokens), { table: 'refresh_attempt', column: 'sealed_tokens', row: attemptId });
}

/** A sealed token, opened; null where there is none or its seal is broken. */
export function openToken(vault: Vault, sealed: string | null, place: SealedPlace): string | null {
  if (sealed === null) return null;
  try {
    return vault.open(sealed, place);
  } catch (error) {
    if (error instanceof SealBroken) return null;
    throw error;
  }
}
