import { durably, session, withSession } from '../../db/session.ts';
import type { AuthSettings, OAuth2Settings } from '../../kernel/auth.ts';
import { Connection } from '../../model/connection.ts';
import { Grant } from '../../model/grant.ts';
import type { HeldGrant } from '../../db/queries/held-grant.ts';
import type { GrantStanding } from './grant-standing.ts';

/**
 * A client that its provider does not know any more: no grant of the workspace that was had with it is renewed again
 * before a person looks. One that is being renewed now learns it from its own answer.
 */
export async function moveGrantsOfClient(grant: HeldGrant, standing: GrantStanding, now: Date): Promise<void> {
  await withSession(grant.workspaceId, () =>
    durably(async () => {
      const connections = await session.find(Connection, {}, { fields: ['auth'] });
      const sharing = connections.filter(({ auth }) => isSameClient(auth, grant.auth)).map(({ id }) => id);
      const idle = {
        connectionId: { $in: sharing },
        leaseInstance: null,
        state: { $in: ['held', 'ambiguous', 'missing'] },
      } as const;
      for (const { id, fence } of await session.find(Grant, idle, { fields: ['fence'] })) {
        await session.nativeUpdate(Grant, { id, fence }, { ...standing, fence: fence + 1, updatedAt: now });
      }
    }),
  );
}

function isSameClient(auth: AuthSettings, own: OAuth2Settings): boolean {
  return auth.type === 'oauth2' && auth.tokenUrl === own.tokenUrl && auth.clientId === own.clientId;
}
