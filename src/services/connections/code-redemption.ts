import { heldGrant } from '../../db/queries/held-grant.ts';
import { session } from '../../db/session.ts';
import type { OAuth2Settings } from '../../kernel/auth.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { NewId } from '../../kernel/ids.ts';
import type { Send } from '../../kernel/outbound.ts';
import type { Actor } from '../../kernel/role.ts';
import type { TokenReply, TokenSet } from '../../kernel/token-reply.ts';
import type { Vault } from '../../kernel/vault.ts';
import type { Connection } from '../../model/connection.ts';
import type { DpopNonces } from '../../oauth/dpop.ts';
import type { ExchangeJournal } from '../exchanges/exchange-journal.ts';
import { whilePending } from '../exchanges/while-pending.ts';
import type { GrantLedger } from '../grants/grant-ledger.ts';
import { openSecrets } from '../grants/held-secrets.ts';
import { openTokens } from '../grants/live-secrets.ts';
import { callTokenEndpoint, readyTokenCall } from '../grants/token-call.ts';
import { tokenDraft } from '../grants/token-draft.ts';
import { type ConsentEnd, MOVING } from './consent-end.ts';
import { keepConsented } from './consented-tokens.ts';

/** A code that a browser brought back, and what proves that we asked for it. */
export interface CodeProof {
  readonly callback: URLSearchParams;
  readonly verifier: string;
  readonly redirectUri: string;
}

export interface RedemptionParts {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly vault: Vault;
  readonly ledger: GrantLedger;
  readonly journal: ExchangeJournal;
  readonly send: Send;
  readonly nonces: DpopNonces;
}

/** Redeems an authorization code for a grant (RFC 6749, section 4.1.3): intent, call, tokens, record. */
export class CodeRedemption {
  readonly #parts: RedemptionParts;

  constructor(parts: RedemptionParts) {
    this.#parts = parts;
  }

  /** The grant held before stays unless a new one came; the new one replaces it whole. */
  async redeem(actor: Actor, connection: Connection, settings: OAuth2Settings, proof: CodeProof): Promise<ConsentEnd> {
    const { clock, newId, vault, journal } = this.#parts;
    const { id, slug, workspaceId } = connection;
    const secrets = openSecrets(vault, id, connection.sealedSecrets ?? null);
    const grant = await heldGrant(workspaceId, id);
    const { generation, certificateAuthorities } = grant;
    const held = openTokens(vault, grant);
    const asks = { kind: 'code', ...proof } as const;
    const call = await readyTokenCall({ settings, secrets, certificateAuthorities, grant: asks, held }, this.#parts);
    const draft = tokenDraft(grant, call.request, { id: newId(), sentBy: actor.name, startedAt: clock.now() });
    await session.transactional(() => journal.begin(draft, call.masker));

    return whilePending(this.#parts, draft, async () => {
      const { result, reply, attempts, masker } = await callTokenEndpoint(call, this.#parts);
      const stored =
        reply.kind === 'granted' ? await this.#store(connection, reply.tokens, result.startedAt, actor.name) : null;
      const settlement = { result, generation: stored ?? generation, hops: result.hops, attempts };
      await session.transactional(() => journal.settle(draft, settlement, masker));
      if (stored !== null) return { kind: 'granted', slug, generation: stored };
      return { kind: 'failed', slug, ...(reply.kind === 'granted' ? MOVING : untouched(reply)) };
    });
  }

  #store({ id: connectionId, workspaceId }: Connection, tokens: TokenSet, startedAt: Date, consentedBy: string) {
    return keepConsented(this.#parts, { workspaceId, connectionId, tokens, startedAt, consentedBy });
  }
}

function untouched({ code, detail }: Exclude<TokenReply, { kind: 'granted' }>) {
  return { code, detail: `${detail} The grant held before is untouched; start the consent again.` };
}
