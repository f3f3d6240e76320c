import type { ChunkCoding } from '../../model/body-chunk.ts';
import { namedQuery, namedWrite, refuseOtherWorkspace } from './named-query.ts';

/** A body's row; `sha256` is in hex. */
export interface WrittenBody {
  readonly id: string;
  readonly workspaceId: string;
  readonly sha256: string;
  readonly bytes: number;
  /** What its chunks take. */
  readonly storedBytes: number;
  readonly createdAt: Date;
}

/** A piece of a body, counted from 0. */
export interface WrittenChunk {
  readonly id: string;
  readonly workspaceId: string;
  readonly bodyId: string;
  readonly position: number;
  readonly content: Uint8Array;
  readonly coding: ChunkCoding;
}

/** What is stored of a piece. */
export type StoredChunk = Pick<WrittenChunk, 'content' | 'coding'>;

const byContent = namedQuery((db, { workspaceId, sha256 }: { workspaceId: string; sha256: string }) =>
  db.selectFrom('body').select('id').where('workspace_id', '=', workspaceId).where('sha256', '=', sha256),
);

const addBody = namedWrite((db, row: Record<keyof WrittenBody, string | number>) =>
  db.insertInto('body').values({
    id: row.id as string,
    workspace_id: row.workspaceId as string,
    sha256: row.sha256 as string,
    bytes: row.bytes as number,
    stored_bytes: row.storedBytes as number,
    created_at: row.createdAt as number,
  }),
);

const addChunk = namedWrite((db, row: Record<keyof WrittenChunk, string | number | Uint8Array>) =>
  db.insertInto('body_chunk').values({
    id: row.id as string,
    workspace_id: row.workspaceId as string,
    body_id: row.bodyId as string,
    position: row.position as number,
    content: row.content as Uint8Array,
    coding: row.coding as ChunkCoding,
  }),
);

type Place = { workspaceId: string; bodyId: string; position: number };

const storedAt = namedQuery((db, { workspaceId, bodyId, position }: Place) =>
  db
    .selectFrom('body_chunk')
    .select(['content', 'coding'])
    .where('workspace_id', '=', workspaceId)
    .where('body_id', '=', bodyId)
    .where('position', '=', position),
);

/** The id of the body with that SHA-256 (hex), or null. Throws `WorkspaceCrossed` in another workspace's session. */
export async function bodyIdOf(workspaceId: string, sha256: string): Promise<string | null> {
  refuseOtherWorkspace(workspaceId);
  const [row] = await byContent({ workspaceId, sha256 });
  return row?.id ?? null;
}

/** Writes a body's row down. Throws `WorkspaceCrossed` in another workspace's session. */
export async function insertBody(body: WrittenBody): Promise<void> {
  refuseOtherWorkspace(body.workspaceId);
  await addBody({ ...body, createdAt: body.createdAt.getTime() });
}

/** Writes a piece of a body down. Throws `WorkspaceCrossed` in another workspace's session. */
export async function insertChunk(chunk: WrittenChunk): Promise<void> {
  refuseOtherWorkspace(chunk.workspaceId);
  await addChunk({ ...chunk });
}

/** A piece of a body, or null after its last. Throws `WorkspaceCrossed` in another workspace's session. */
export async function chunkAt(workspaceId: string, bodyId: string, position: number): Promise<StoredChunk | null> {
  refuseOtherWorkspace(workspaceId);
  const [row] = await storedAt({ workspaceId, bodyId, position });
  return row ?? null;
}
