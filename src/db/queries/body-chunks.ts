import { namedQuery, refuseOtherWorkspace } from './named-query.ts';

type ChunkPlace = { workspaceId: string; bodyId: string; position: number };

const atPosition = namedQuery((db, { workspaceId, bodyId, position }: ChunkPlace) =>
  db
    .selectFrom('body_chunk')
    .select('content')
    .where('body_id', '=', bodyId)
    .where('position', '=', position)
    .where('workspace_id', '=', workspaceId),
);

/** One piece of a kept body, counted from 0, or null. Throws `WorkspaceCrossed` in another workspace's session. */
export async function bodyChunk(workspaceId: string, bodyId: string, position: number): Promise<Uint8Array | null> {
  refuseOtherWorkspace(workspaceId);
  const [row] = await atPosition({ workspaceId, bodyId, position });
  return row?.content ?? null;
}
