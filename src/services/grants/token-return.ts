import type { HeldGrant } from '../../db/queries/held-grant.ts';
import { session, withSession } from '../../db/session.ts';
import type { AuthSecrets } from '../../kernel/auth.ts';
import type { Clock } from '../../kernel/clock.ts';
import { AppError } from '../../kernel/errors.ts';
import type { CallResult } from '../../kernel/exchange.ts';
import type { NewId } from '../../kernel/ids.ts';
import type { Logger } from '../../kernel/logger.ts';
import type { Masker } from '../../kernel/masker.ts';
import type { Send } from '../../kernel/outbound.ts';
import type { Vault } from '../../kernel/vault.ts';
import { madeFor } from '../../oauth/sent-fields.ts';
import { readRevocationReply, type RevocationReply, revocationRequest } from '../../oauth/revocation.ts';
import type { Draft, ExchangeJournal } from '../exchanges/exchange-journal.ts';
import { whilePending } from '../exchanges/while-pending.ts';
import { openSecrets } from './held-secrets.ts';
import { callProvider, tokenCallMasker } from './token-call.ts';

/** Tokens that nobody is to use any more, and the grant they were had for. */
export interface SpareTokens {
  readonly grant: HeldGrant;
  readonly refreshToken: string | null;
  readonly accessToken: string | null;
  /** Who asked for it; null for the background. */
  readonly sentBy: string | null;
}

/** What came of giving tokens back. `not-asked`: there were none, or the connection names no revocation URL. */
export type ReturnEnd = RevocationReply | { readonly kind: 'not-asked' };

interface Parts {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly logger: Logger;
  readonly vault: Vault;
  readonly journal: ExchangeJournal;
  readonly send: Send;
}

const NOT_ASKED: ReturnEnd = { kind: 'not-asked' };

/** Gives tokens back to their provider (RFC 7009), each call on record. It changes no grant. */
export class TokenReturn {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * The refresh token first: the access tokens had with it go with it. Where that got no yes, the access token too.
   * Whatever stands in the way is an answer. No transaction may be open.
   */
  async giveBack(tokens: SpareTokens): Promise<ReturnEnd> {
    const { refreshToken, accessToken, grant } = tokens;
    if (grant.auth.revocationUrl === null) return NOT_ASKED;

    const first = refreshToken === null ? null : await this.#orWhyNot(tokens, refreshToken, 'refresh_token');
    if (first?.kind === 'revoked' || accessToken === null) return first ?? NOT_ASKED;
    const second = await this.#orWhyNot(tokens, accessToken, 'access_token');
    return first ?? second;
  }

  async #orWhyNot(tokens: SpareTokens, token: string, hint: Hint): Promise<RevocationReply> {
    try {
      return await this.#revoke(tokens, token, hint);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return { kind: 'failed', code: error.code, detail: `The provider was not asked. ${error.message}` };
    }
  }

  async #revoke({ grant, ...tokens }: SpareTokens, token: string, hint: Hint): Promise<RevocationReply> {
    const { vault, journal, send } = this.#parts;
    const secrets = openSecrets(vault, grant.connectionId, grant.sealedSecrets);
    const draft = await this.#draft(grant, tokens.sentBy, secrets, token, hint);
    const masker = tokenCallMasker(grant.auth, secrets, [
      tokens.refreshToken,
      tokens.accessToken,
      ...madeFor(draft.request),
    ]);
    await this.#write(draft, () => journal.begin(draft, masker));

    const client = { settings: grant.auth, secrets, certificateAuthorities: grant.certificateAuthorities };
    const result = await whilePending(this.#parts, draft, () => callProvider(send, draft.request, masker, client));
    await this.#record(draft, result, masker);
    return readRevocationReply(result);
  }

  async #draft(
    { workspaceId, connectionId, slug, name, generation, auth }: HeldGrant,
    sentBy: string | null,
    secrets: AuthSecrets,
    token: string,
    hint: Hint,
  ): Promise<Draft> {
    const { clock, newId } = this.#parts;
    const request = await revocationRequest(auth, secrets, token, hint, this.#parts);
    const connection = { id: connectionId, slug, name };
    const id = newId();
    return { id, workspaceId, kind: 'revocation', connection, generation, request, sentBy, startedAt: clock.now() };
  }

  /** What the provider said counts, whether or not it can be written down. */
  async #record(draft: Draft, result: CallResult, masker: Masker): Promise<void> {
    const { journal, logger } = this.#parts;
    const settlement = { result, generation: draft.generation, hops: result.hops, attempts: 1 };
    try {
      await whilePending(this.#parts, draft, () => this.#write(draft, () => journal.settle(draft, settlement, masker)));
    } catch (error) {
      logger.error({ exchange: draft.id, err: error }, 'What came of a revocation could not be recorded.');
    }
  }

  #write({ workspaceId }: Draft, work: () => Promise<void>): Promise<void> {
    return withSession(workspaceId, () => session.transactional(work));
  }
}

type Hint = Parameters<typeof revocationRequest>[3];
