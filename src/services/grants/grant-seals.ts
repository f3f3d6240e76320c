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

/** Why a grant needs a person whose sealed values do not open. */
export const SEAL_BROKEN = 'seal-broken';

/** A grant whose tokens are all that open: what does not stays in its row, for a key that comes back opens it again. */
export function asOpens(vault: Vault, grant: HeldGrant): HeldGrant {
  const { id, sealedAccessToken, sealedRefreshToken } = grant;
  const opens = (sealed: string | null, column: string) => openToken(vault, sealed, placeOf(id, column)) !== null;
  return {
    ...grant,
    hasAccessToken: grant.hasAccessToken && opens(sealedAccessToken, 'sealed_access_token'),
    hasRefreshToken: grant.hasRefreshToken && opens(sealedRefreshToken, 'sealed_refresh_token'),
  };
}

/** Which tokens of a grant that `asOpens` gave do not open, and what to do about it; null where all do. */
export function brokenSealsOf(grant: HeldGrant): string | null {
  const refresh = grant.sealedRefreshToken !== null && !grant.hasRefreshToken;
  const access = grant.sealedAccessToken !== null && !grant.hasAccessToken;
  if (!refresh && !access) return null;
  const [what, verb] =
    refresh && access ? ['access and refresh tokens', 'do'] : [`${refresh ? 'refresh' : 'access'} token`, 'does'];
  return `The sealed ${what} held here ${verb} not open: changed, moved from another row, or the key is not here. Put the key back, or consent again.`;
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
