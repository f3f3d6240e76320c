import { grantDocument } from '../../../kernel/grant-telling.ts';
import type { GrantTeller } from '../../../services/grants/grant-teller.ts';
import type { Revoker } from '../../../services/grants/revoker.ts';
import { operation, type Operation } from '../operation.ts';
import { connectionPath } from '../schemas/connection.ts';
import { grant } from '../schemas/grant.ts';

interface Parts {
  readonly teller: GrantTeller;
  readonly revoker: Revoker;
}

const GRANT = '/api/v1/connections/{slug}/grant';
const tag = 'Grants';

/** What asking for a fresh token may come to besides one. */
export const NO_TOKEN = [
  'not-found',
  'conflict',
  'consent-needed',
  'misconfigured',
  'revoked',
  'refreshing',
  'provider-unavailable',
] as const;

/** A connection's grant for programs: how it stands, renew it, give it back. */
export function grantOperations({ teller, revoker }: Parts): Operation[] {
  return [
    operation({
      id: 'getGrant',
      method: 'get',
      path: GRANT,
      tag,
      summary: 'Show how the grant stands',
      description: 'Renews nothing; `GET /_token_refresh` does.',
      role: 'viewer',
      params: connectionPath,
      replies: { 200: { description: 'The grant, whatever its state.', body: grant } },
      problems: ['not-found'],
    }).by(async ({ actor, params }) => ({
      status: 200,
      body: grantDocument(await teller.tell(actor.workspaceId, params.slug)),
    })),

    operation({
      id: 'createRenewal',
      method: 'post',
      path: `${GRANT}/renewals`,
      tag,
      summary: 'Renew the grant now',
      description:
        'Asks the provider for a new token set, however fresh the one held is; takes no body. Several who ask at once ' +
        'share one renewal. `conflict`: the connection has no OAuth, so there is nothing to renew.',
      role: 'editor',
      params: connectionPath,
      replies: { 201: { description: 'The new grant.', body: grant } },
      problems: NO_TOKEN,
    }).by(async ({ actor, params }) => ({
      status: 201,
      body: grantDocument(await teller.renew(actor.workspaceId, params.slug)),
    })),

    operation({
      id: 'deleteGrant',
      method: 'delete',
      path: GRANT,
      tag,
      summary: 'Revoke the grant',
      description:
        'Wipes the grant here and gives its tokens back to the provider (RFC 7009). It stays wiped whatever the ' +
        'provider says; the grant tells. `conflict`: the connection has no OAuth.',
      role: 'owner',
      params: connectionPath,
      replies: { 204: { description: 'It is revoked.' } },
      problems: ['not-found', 'conflict'],
    }).by(async ({ actor, params }) => {
      await revoker.revoke(actor, params.slug);
      return { status: 204 };
    }),
  ];
}
