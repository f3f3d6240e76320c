import { grantBySlug } from '../../db/queries/grants.ts';
import { type HeldGrant, heldGrant } from '../../db/queries/held-grant.ts';
import { Conflict, NotAllowed, NotFound } from '../../kernel/errors.ts';
import type { Actor } from '../../kernel/role.ts';
import type { Vault } from '../../kernel/vault.ts';
import type { GrantLedger } from './grant-ledger.ts';
import { forgetAside, giveAllBack, grantTokens, tokensAside } from './spare-tokens.ts';
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
   * Wipes the grant and gives its tokens back to the provider, with those that came too late for it; it stays wiped
   * whatever the provider says, which the grant then tells. A grant revoked before is an answer too. Throws `NotAllowed`, `NotFound`, and `Conflict` where the
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
    const { vault, tokens } = this.#parts;
    const aside = await this.#takeAside(grant, sentBy);
    const provider = await giveAllBack(tokens, [grantTokens(vault, grant, sentBy), ...aside]);
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

  /** Read after the wipe: whatever comes later sees it, and gives its tokens back itself. */
  async #takeAside(grant: HeldGrant, sentBy: string): Promise<SpareTokens[]> {
    const aside = await tokensAside(this.#parts.vault, grant, sentBy);
    await forgetAside(grant);
    return aside;
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
