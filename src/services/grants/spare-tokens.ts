import { sealedAside } from '../../db/queries/attempts.ts';
import type { HeldGrant } from '../../db/queries/held-grant.ts';
import { session, withSession } from '../../db/session.ts';
import type { TokenSet } from '../../kernel/token-reply.ts';
import type { Vault } from '../../kernel/vault.ts';
import { RefreshAttempt } from '../../model/refresh-attempt.ts';
import { placeOf } from './grant-seals.ts';
import { openToken } from './live-secrets.ts';
import type { ReturnEnd, SpareTokens, TokenReturn } from './token-return.ts';

const NOT_ASKED: ReturnEnd = { kind: 'not-asked' };

/** The tokens a grant holds, opened to be given back; `sentBy` is who asked for it. */
export function grantTokens(vault: Vault, grant: HeldGrant, sentBy: string | null): SpareTokens {
  const { id, sealedRefreshToken, sealedAccessToken } = grant;
  const refreshToken = openToken(vault, sealedRefreshToken, placeOf(id, 'sealed_refresh_token'));
  const accessToken = openToken(vault, sealedAccessToken, placeOf(id, 'sealed_access_token'));
  return { grant, refreshToken, accessToken, sentBy };
}

/** Tokens that came when the grant had moved on, and are kept on the attempts that brought them. */
export async function tokensAside(vault: Vault, grant: HeldGrant, sentBy: string | null): Promise<SpareTokens[]> {
  const kept = await sealedAside(grant.workspaceId, grant.connectionId);
  const opened = kept.map(({ id, sealedTokens }) => openToken(vault, sealedTokens, asidePlace(id)));
  return opened
    .filter((text) => text !== null)
    .map((text) => {
      const { refreshToken, accessToken } = JSON.parse(text) as TokenSet;
      return { grant, refreshToken, accessToken, sentBy };
    });
}

/** Gives several sets back at once, each call on record; one that is not taken back is what is told. */
export async function giveAllBack(tokens: TokenReturn, spare: readonly SpareTokens[]): Promise<ReturnEnd> {
  const ends = await Promise.all(spare.map((one) => tokens.giveBack(one)));
  return ends.find(({ kind }) => kind === 'failed') ?? ends.find(({ kind }) => kind === 'revoked') ?? NOT_ASKED;
}

/** Forgets them here. */
export async function forgetAside({ workspaceId, connectionId }: HeldGrant): Promise<void> {
  await withSession(workspaceId, () =>
    session.nativeUpdate(RefreshAttempt, { connectionId, sealedTokens: { $ne: null } }, { sealedTokens: null }),
  );
}

function asidePlace(attemptId: string) {
  return { table: 'refresh_attempt', column: 'sealed_tokens', row: attemptId };
}
