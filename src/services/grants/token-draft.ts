import type { HeldGrant } from '../../db/queries/held-grant.ts';
import type { OutboundRequest } from '../../kernel/exchange.ts';
import type { Draft } from '../exchanges/exchange-journal.ts';

/** A token call as it is written down before it is made; the connection is called what the grant's row says. */
export function tokenDraft(
  { workspaceId, connectionId, slug, name, generation }: HeldGrant,
  request: OutboundRequest,
  { id, sentBy, startedAt }: Pick<Draft, 'id' | 'sentBy' | 'startedAt'>,
): Draft {
  const connection = { id: connectionId, slug, name };
  return { id, workspaceId, kind: 'token', connection, generation, request, sentBy, startedAt };
}
