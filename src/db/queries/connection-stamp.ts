import { asDate, namedQuery, refuseOtherWorkspace } from './named-query.ts';

const byId = namedQuery((db, { workspaceId, id }: { workspaceId: string; id: string }) =>
  db.selectFrom('connection').select('updated_at').where('workspace_id', '=', workspaceId).where('id', '=', id),
);

/**
 * When a connection was last edited, as the database has it now, past the identity map; null where it is gone. Throws
 * `WorkspaceCrossed` in another workspace's session.
 */
export async function connectionEditedAt(workspaceId: string, id: string): Promise<Date | null> {
  refuseOtherWorkspace(workspaceId);
  const [row] = await byId({ workspaceId, id });
  return row ? asDate(row.updated_at) : null;
}
