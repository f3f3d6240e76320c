import { grantBySlug } from '../../db/queries/grants.ts';
import { heldGrant } from '../../db/queries/held-grant.ts';
import { session } from '../../db/session.ts';
import type { Logger } from '../../kernel/logger.ts';
import type { Actor } from '../../kernel/role.ts';
import type { Vault } from '../../kernel/vault.ts';
import { giveAllBack, grantTokens, tokensAside } from '../grants/spare-tokens.ts';
import type { ReturnEnd, SpareTokens, TokenReturn } from '../grants/token-return.ts';
import type { Connector } from './connector.ts';

interface Parts {
  readonly logger: Logger;
  readonly vault: Vault;
  readonly connector: Connector;
  readonly tokens: TokenReturn;
}

const UNTOLD: ReturnEnd = {
  kind: 'failed',
  code: 'unexpected',
  detail: 'The provider was not asked, for a reason of our own.',
};

/** Takes a connection away for good: here first, and then its provider is told that its tokens are of no use any more. */
export class ConnectionRemoval {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Deletes a connection and gives its tokens back, with those that came too late for its grant. It is gone whatever the
   * provider says; what it says is on record under the connection's name. Throws `NotAllowed`, `NotFound`.
   */
  async remove(actor: Actor, slug: string): Promise<ReturnEnd> {
    const { connector, tokens, logger } = this.#parts;
    const spare = await session.transactional(async () => {
      // Read where they are deleted: a renewal that lands before is seen, one that lands later finds nothing.
      const held = await this.#spare(actor, slug);
      await connector.remove(actor, slug);
      return held;
    });
    return giveAllBack(tokens, spare).catch((error: unknown) => {
      logger.error({ connection: slug, err: error }, 'The tokens of a deleted connection could not be given back.');
      return UNTOLD;
    });
  }

  async #spare({ workspaceId, name: sentBy }: Actor, slug: string): Promise<SpareTokens[]> {
    const facts = await grantBySlug(workspaceId, slug);
    if (facts?.auth.type !== 'oauth2') return [];
    const grant = await heldGrant(workspaceId, facts.connectionId);
    const { vault } = this.#parts;
    return [grantTokens(vault, grant, sentBy), ...(await tokensAside(vault, grant, sentBy))];
  }
}
