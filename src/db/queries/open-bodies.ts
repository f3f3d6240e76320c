import { namedQuery, namedWrite, refuseOtherWorkspace } from './named-query.ts';

/** Stands before the id in place of a hash while a body is still being written: no hash in hex holds a colon. */
const OPEN = 'open:';
const AFTER_OPEN = 'open;';

/** A body's content once it is all there. */
export interface BodyContent {
  readonly sha256: string;
  readonly bytes: number;
  /** What its chunks take. */
  readonly storedBytes: number;
}

type Closing = { id: string; workspaceId: string; sha256: string; bytes: number; storedBytes: number };

/** One statement, so that two bodies of the same content cannot both be closed. */
const close = namedWrite((db, { id, workspaceId, sha256, bytes, storedBytes }: Closing) =>
  db
    .updateTable('body')
    .set({ sha256, bytes, stored_bytes: storedBytes })
    .where('id', '=', id)
    .where('workspace_id', '=', workspaceId)
    .where((row) => {
      const known = db.selectFrom('body as known').select('known.id').where('known.workspace_id', '=', workspaceId);
      return row.not(row.exists(known.where('known.sha256', '=', sha256)));
    }),
);

/** By workspace, since the index on hashes begins with it. */
const openBefore = namedQuery((db, { before, first, last }: { before: number; first: string; last: string }) =>
  db
    .selectFrom('workspace')
    .innerJoin('body', 'body.workspace_id', 'workspace.id')
    .select(['body.id', 'body.workspace_id'])
    .where('body.sha256', '>=', first)
    .where('body.sha256', '<', last)
    .where('body.created_at', '<', before)
    .limit(100),
);

type Rows = { workspaceId: string; bodyId: string; from: number; to: number };

const deleteChunks = namedWrite((db, { workspaceId, bodyId, from, to }: Rows) =>
  db
    .deleteFrom('body_chunk')
    .where('workspace_id', '=', workspaceId)
    .where('body_id', '=', bodyId)
    .where('position', '>=', from)
    .where('position', '<', to),
);

const deleteBody = namedWrite(
  (db, { workspaceId, bodyId, sha256 }: Record<'workspaceId' | 'bodyId' | 'sha256', string>) =>
    db.deleteFrom('body').where('workspace_id', '=', workspaceId).where('id', '=', bodyId).where('sha256', '=', sha256),
);

/** What stands in place of the hash of a body that is still being written. */
export function openHash(id: string): string {
  return OPEN + id;
}

/**
 * Gives an open body its hash and size. False when the workspace holds that content already; the body stays open then.
 * Throws `WorkspaceCrossed` in another workspace's session.
 */
export async function closeBody(workspaceId: string, id: string, content: BodyContent): Promise<boolean> {
  refuseOtherWorkspace(workspaceId);
  return (await close({ id, workspaceId, ...content })) === 1;
}

/** Bodies, of all workspaces, that were begun before then and never ended: a hundred at most. */
export async function openBodies(before: Date): Promise<{ readonly id: string; readonly workspaceId: string }[]> {
  const rows = await openBefore({ before: before.getTime(), first: OPEN, last: AFTER_OPEN });
  return rows.map((row) => ({ id: row.id, workspaceId: row.workspace_id }));
}

/** Deletes an open body's pieces in these positions and says how many. */
export async function deleteChunksOf(workspaceId: string, bodyId: string, from: number, to: number): Promise<number> {
  refuseOtherWorkspace(workspaceId);
  return deleteChunks({ workspaceId, bodyId, from, to });
}

/** Deletes a body's row while it is open; one that has its hash stays. */
export async function deleteOpenBody(workspaceId: string, bodyId: string): Promise<void> {
  refuseOtherWorkspace(workspaceId);
  await deleteBody({ workspaceId, bodyId, sha256: openHash(bodyId) });
}
