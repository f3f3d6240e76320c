import { namedQuery, refuseOtherWorkspace } from './named-query.ts';

const byContent = namedQuery((db, { workspaceId, sha256 }: { workspaceId: string; sha256: string }) =>
  db.selectFrom('body').select('id').where('workspace_id', '=', workspaceId).where('sha256', '=', sha256),
);

/** The id of the body with that SHA-256 (hex), or null. Throws `WorkspaceCrossed` in another workspace's session. */
export async function bodyIdOf(workspaceId: string, sha256: string): Promise<string | null> {
  refuseOtherWorkspace(workspaceId);
  const [row] = await byContent({ workspaceId, sha256 });
  return row?.id ?? null;
}
