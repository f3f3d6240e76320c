import type { HeldGrant } from '../../db/queries/held-grant.ts';
import type { GrantType } from '../../kernel/auth.ts';
import { ConsentNeeded } from '../../kernel/errors.ts';
import type { Vault } from '../../kernel/vault.ts';
import type { TokenGrant } from '../../oauth/token-request.ts';
import { spendsRefreshToken } from './grant-clock.ts';
import { placeOf } from './grant-seals.ts';

/** What renewing a grant asks with. `spends` is the refresh token at stake; null where it can be had without. */
export interface RenewalRequest {
  readonly asks: TokenGrant;
  readonly spends: string | null;
}

const WITHOUT: Partial<Record<GrantType, TokenGrant>> = {
  client_credentials: { kind: 'client-credentials' },
  'urn:ietf:params:oauth:grant-type:jwt-bearer': { kind: 'jwt-bearer' },
  'urn:ietf:params:oauth:grant-type:token-exchange': { kind: 'token-exchange' },
  password: { kind: 'password' },
};

/**
 * Says how a grant is renewed: with the refresh token held, else anew. Throws `ConsentNeeded` where there is nothing to
 * renew it with, and `SealBroken` for a refresh token that stopped opening since the grant was read.
 */
export function renewalRequest(vault: Vault, grant: HeldGrant): RenewalRequest {
  const { id, name, auth, sealedRefreshToken } = grant;
  if (sealedRefreshToken !== null && spendsRefreshToken(grant)) {
    const refreshToken = vault.open(sealedRefreshToken, placeOf(id, 'sealed_refresh_token'));
    return { asks: { kind: 'refresh', refreshToken }, spends: refreshToken };
  }
  const asks = WITHOUT[auth.grantType];
  if (!asks) throw new ConsentNeeded(`There is nothing to renew the grant of ${name} with: a person has to consent.`);
  return { asks, spends: null };
}
