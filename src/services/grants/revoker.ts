import { grantBySlug } from '../../db/queries/grants.ts';
import { type HeldGrant, heldGrant } from '../../db/queries/held-grant.ts';
import { Conflict, NotAllowed, NotFound } from '../../kernel/errors.ts';
import type { Actor } from '../../kernel/role.ts';
import type { Vault } from '../../kernel/vault.ts';
import type { GrantLedger } from './grant-ledger.ts';
import { placeOf } from './grant-seals.ts';
import { openToken } from './live-secrets.ts';
import type { ReturnEnd, SpareTokens, TokenReturn } from './token-return.ts';

/** How often a grant is read again that moves while it is to be wiped. */
const TRIES = 5;

/** How a revocation ended here and at the provider. */
export interface Revocation {
  /** The connection's slug. */
  readonly slug: string;
  readonly generation: number;
  readonly provider: ReturnEnd;
}

interface Parts {
  readonly vault: Vault;
  readonly ledger: GrantLedger;
  readonly tokens: TokenReturn;
}

/** Ends a grant for good: here first, so that no call and no renewal uses it while its provider is being told. */
export class Revoker {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Wipes the grant and gives its tokens back to the provider; it stays wiped whatever the provider says, which the grant
   * then tells. A grant revoked before is an answer too. Throws `NotAllowed`, `NotFound`, and `Conflict` where the
   * connection has no OAuth or its grant does not hold still.
   */
  async revoke({ workspaceId, role, name: sentBy }: Actor, slug: string): Promise<Revocation> {
    if (role !== 'owner') throw new NotAllowed('Only an owner may give a grant back.');
    const facts = await grantBySlug(workspaceId, slug);
    if (!facts) throw new NotFound('connection', slug);
    const { auth, connectionId, name } = facts;
    if (auth.type !== 'oauth2')
      throw new Conflict(`${name} is not authorised by OAuth: there is no grant to give back.`);

    const grant = await this.#wipe(workspaceId, connectionId, name);
    const generation = grant.state === 'revoked' ? grant.generation : grant.generation + 1;
    const provider = await this.#parts.tokens.giveBack(this.#opened(grant, sentBy));
    if (provider.kind === 'failed') await this.#tell(grant, provider);
    return { slug, generation, provider };
  }

  /** The grant as it stood before; one that was revoked is left as it is. */
  async #wipe(workspaceId: string, connectionId: string, name: string): Promise<HeldGrant> {
    for (let tries = 0; tries < TRIES; tries += 1) {
      const grant = await heldGrant(workspaceId, connectionId);
      if (grant.state === 'revoked' || (await this.#parts.ledger.revoke(grant))) return grant;
    }
    throw new Conflict(`The grant of ${name} changed again and again. Nothing was revoked; try once more.`);
  }

  #opened(grant: HeldGrant, sentBy: string): SpareTokens {
    const { id, sealedRefreshToken, sealedAccessToken } = grant;
    const { vault } = this.#parts;
    const refreshToken = openToken(vault, sealedRefreshToken, placeOf(id, 'sealed_refresh_token'));
    const accessToken = openToken(vault, sealedAccessToken, placeOf(id, 'sealed_access_token'));
    return { grant, refreshToken, accessToken, sentBy };
  }

  /** A person should know that the tokens may still work elsewhere. */
  async #tell({ id, workspaceId, generation, fence }: HeldGrant, { code, detail }: Failed): Promise<void> {
    await this.#parts.ledger.move(
      { id, workspaceId, generation: generation + 1, fence: fence + 1 },
      { state: 'revoked', reason: code, detail, failures: 0, retryAt: null },
    );
  }
}

type Failed = Extract<ReturnEnd, { kind: 'failed' }>;
