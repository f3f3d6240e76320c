import { heldGrant } from '../../db/queries/held-grant.ts';
import { session } from '../../db/session.ts';
import type { OAuth2Settings } from '../../kernel/auth.ts';
import type { Actor } from '../../kernel/role.ts';
import type { Connection } from '../../model/connection.ts';
import type { ConsentRequest } from '../../oauth/authorization.ts';
import { type PushedReply, pushedRequest, readPushedReply } from '../../oauth/pushed-authorization.ts';
import type { Draft } from '../exchanges/exchange-journal.ts';
import { whilePending } from '../exchanges/while-pending.ts';
import { openSecrets } from '../grants/held-secrets.ts';
import { openTokens } from '../grants/live-secrets.ts';
import { callProvider, tokenCallMasker } from '../grants/token-call.ts';
import type { RedemptionParts } from './code-redemption.ts';

type Parts = Omit<RedemptionParts, 'ledger' | 'nonces'>;

/** Hands a request for consent to the provider before the browser goes there (RFC 9126), on record before it leaves. */
export class PushedConsent {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Whatever the network or the provider does is an answer. Throws `Misconfigured` where nothing can be sent. The
   * connection's secrets have to be loaded; no transaction may be open.
   */
  async push(
    actor: Actor,
    connection: Connection,
    settings: OAuth2Settings,
    consent: ConsentRequest,
  ): Promise<PushedReply> {
    const { vault, journal, send } = this.#parts;
    const { id, workspaceId } = connection;
    const secrets = openSecrets(vault, id, connection.sealedSecrets ?? null);
    const grant = await heldGrant(workspaceId, id);
    const carried = [consent.state, ...openTokens(vault, grant)];
    const request = await pushedRequest(settings, secrets, consent, this.#parts);
    const masker = tokenCallMasker(settings, secrets, carried);
    const client = { settings, secrets, certificateAuthorities: grant.certificateAuthorities };
    const draft = this.#draft(actor, connection, grant.generation, request);
    await session.transactional(() => journal.begin(draft, masker));

    return whilePending(this.#parts, draft, async () => {
      const result = await callProvider(send, request, masker, client);
      const reply = readPushedReply(result, (text) => masker.text(text));
      const settlement = { result, generation: grant.generation, hops: result.hops, attempts: 1 };
      // Whoever knows the name of the request could go on with it in place of the person.
      const name = reply.kind === 'pushed' ? [reply.requestUri] : [];
      await session.transactional(() =>
        journal.settle(draft, settlement, tokenCallMasker(settings, secrets, [...carried, ...name])),
      );
      return reply;
    });
  }

  #draft(
    { name: sentBy }: Actor,
    { id, slug, name, workspaceId }: Connection,
    generation: number,
    request: Draft['request'],
  ): Draft {
    const { clock, newId } = this.#parts;
    const connection = { id, slug, name };
    const startedAt = clock.now();
    return { id: newId(), workspaceId, kind: 'authorization', connection, generation, request, sentBy, startedAt };
  }
}
