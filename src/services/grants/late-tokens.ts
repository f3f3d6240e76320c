import { grantBySlug } from '../../db/queries/grants.ts';
import type { HeldGrant } from '../../db/queries/held-grant.ts';
import { withSession } from '../../db/session.ts';
import type { Logger } from '../../kernel/logger.ts';
import type { TokenSet } from '../../kernel/token-reply.ts';
import type { Stored } from './grant-ledger.ts';
import type { TokenReturn } from './token-return.ts';

interface Parts {
  readonly logger: Logger;
  readonly tokens: TokenReturn;
}

/** What becomes of tokens that came when their grant had moved on: an alarm, and back to the provider if it was revoked. */
export class LateTokens {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** `stored` says where they are; no transaction may be open. */
  async tell(stored: Exclude<Stored, 'held'>, grant: HeldGrant, attemptId: string, tokens: TokenSet): Promise<void> {
    const { logger } = this.#parts;
    const { slug } = grant;
    if (stored === 'gone') {
      logger.warn({ connection: slug }, 'New tokens came after their connection was deleted. They are given back.');
      await this.#giveBack(grant, tokens);
      return;
    }
    const what = 'New tokens came after the grant had moved on. They are kept on the attempt.';
    logger.error({ connection: slug, attempt: attemptId }, what);
    await this.#giveBackIfRevoked(grant, tokens);
  }

  /** Whoever revoked the grant did not know of these tokens: they were not here yet. */
  async #giveBackIfRevoked(grant: HeldGrant, tokens: TokenSet): Promise<void> {
    const { workspaceId, slug } = grant;
    const facts = await withSession(workspaceId, () => grantBySlug(workspaceId, slug));
    if (facts?.state === 'revoked' && facts.id === grant.id) await this.#giveBack(grant, tokens);
  }

  async #giveBack(grant: HeldGrant, { refreshToken, accessToken }: TokenSet): Promise<void> {
    const end = await this.#parts.tokens.giveBack({ grant, refreshToken, accessToken, sentBy: null });
    if (end.kind === 'failed')
      this.#parts.logger.error(
        { connection: grant.slug, code: end.code },
        `Late tokens are not revoked: ${end.detail}`,
      );
  }
}
