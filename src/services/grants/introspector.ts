import { grantBySlug } from '../../db/queries/grants.ts';
import { type HeldGrant, heldGrant } from '../../db/queries/held-grant.ts';
import { session, withSession } from '../../db/session.ts';
import type { AuthSecrets } from '../../kernel/auth.ts';
import type { Clock } from '../../kernel/clock.ts';
import { Conflict, NotAllowed, NotFound } from '../../kernel/errors.ts';
import type { NewId } from '../../kernel/ids.ts';
import { type Actor, mayAct } from '../../kernel/role.ts';
import type { Send } from '../../kernel/outbound.ts';
import type { Vault } from '../../kernel/vault.ts';
import { type IntrospectionReply, introspectionRequest, readIntrospection } from '../../oauth/introspection.ts';
import { madeFor } from '../../oauth/sent-fields.ts';
import type { ExchangeHistory } from '../exchanges/exchange-history.ts';
import type { Draft, ExchangeJournal } from '../exchanges/exchange-journal.ts';
import { whilePending } from '../exchanges/while-pending.ts';
import { placeOf } from './grant-seals.ts';
import { openSecrets } from './held-secrets.ts';
import { openToken, openTokens } from './live-secrets.ts';
import { callProvider, tokenCallMasker } from './token-call.ts';

/** What a provider said of a token, when, and which exchange has it. */
export interface ToldIntrospection {
  readonly exchangeId: string;
  readonly at: Date;
  readonly reply: IntrospectionReply;
}

interface Parts {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly vault: Vault;
  readonly journal: ExchangeJournal;
  readonly history: ExchangeHistory;
  readonly send: Send;
}

/** Asks a provider whether an access token is good (RFC 7662), because a person wants to know. It changes no grant. */
export class Introspector {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Asks about the access token held, on record; gives the exchange's id, whatever came of it. Throws `NotAllowed`,
   * `NotFound`, `Misconfigured`, and `Conflict` where no access token is held or the connection has no OAuth.
   */
  async introspect({ workspaceId, role, name: sentBy }: Actor, slug: string): Promise<string> {
    if (!mayAct(role, 'editor')) throw new NotAllowed('Viewers may look at grants, not ask their providers.');
    const facts = await grantBySlug(workspaceId, slug);
    if (!facts) throw new NotFound('connection', slug);
    if (facts.auth.type !== 'oauth2')
      throw new Conflict(`${facts.name} is not authorised by OAuth: there is no grant.`);

    const { vault, journal, send } = this.#parts;
    const grant = await heldGrant(workspaceId, facts.connectionId);
    const token = openToken(vault, grant.sealedAccessToken, placeOf(grant.id, 'sealed_access_token'));
    if (token === null) throw new Conflict(`${grant.name} holds no access token to ask about.`);
    const secrets = openSecrets(vault, grant.connectionId, grant.sealedSecrets);
    const draft = await this.#draft(grant, secrets, token, sentBy);
    const masker = tokenCallMasker(grant.auth, secrets, [...openTokens(vault, grant), ...madeFor(draft.request)]);
    await this.#write(draft, () => journal.begin(draft, masker));

    const client = { settings: grant.auth, secrets, certificateAuthorities: grant.certificateAuthorities };
    await whilePending(this.#parts, draft, async () => {
      const result = await callProvider(send, draft.request, masker, client);
      const settlement = { result, generation: draft.generation, hops: result.hops, attempts: 1 };
      await this.#write(draft, () => journal.settle(draft, settlement, masker));
    });
    return draft.id;
  }

  /** What is on record of an introspection of this connection, masked as it is kept. Throws `NotFound`. */
  async told(connectionId: string, exchangeId: string): Promise<ToldIntrospection> {
    const { exchange, responseBody } = await this.#parts.history.show(exchangeId, { request: 0 });
    if (exchange.connectionId !== connectionId || exchange.kind !== 'introspection')
      throw new NotFound('introspection', exchangeId);
    const { status, outcome, detail, startedAt } = exchange;
    const reply: IntrospectionReply =
      outcome === 'answered' && typeof status === 'number'
        ? readIntrospection(status, responseBody ?? new Uint8Array())
        : { kind: 'failed', detail: detail ?? 'Nobody knows what the provider said.' };
    return { exchangeId, at: startedAt, reply };
  }

  async #draft(grant: HeldGrant, secrets: AuthSecrets, token: string, sentBy: string): Promise<Draft> {
    const { clock, newId } = this.#parts;
    const { workspaceId, connectionId, slug, name, generation, auth } = grant;
    const request = await introspectionRequest(auth, secrets, token, 'access_token', this.#parts);
    const connection = { id: connectionId, slug, name };
    const startedAt = clock.now();
    return { id: newId(), workspaceId, kind: 'introspection', connection, generation, request, sentBy, startedAt };
  }

  #write({ workspaceId }: Draft, work: () => Promise<void>): Promise<void> {
    return withSession(workspaceId, () => session.transactional(work));
  }
}
