import { sql } from 'kysely';
import { namedQuery, refuseOtherWorkspace, tables } from './named-query.ts';

/** How much a workspace has on record. */
export interface RecordedSize {
  readonly exchanges: number;
  readonly bodies: number;
  /** As they are stored, packed. */
  readonly bodyBytes: number;
  /** When the oldest exchange began; null where there is none. */
  readonly oldest: Date | null;
}

/** What the database takes. */
export interface DatabaseSize {
  readonly bytes: number;
  /** Of them, bytes that hold nothing. */
  readonly freeBytes: number;
  /** All workspaces' together. */
  readonly exchanges: number;
}

const sizeOf = namedQuery((db, { workspaceId }: { workspaceId: string }) =>
  db.selectFrom('record_size').select(['exchanges', 'bodies', 'body_bytes']).where('workspace_id', '=', workspaceId),
);

const oldestOf = namedQuery((db, { workspaceId }: { workspaceId: string }) =>
  db.selectFrom('exchange').select('started_at').where('workspace_id', '=', workspaceId).orderBy('started_at').limit(1),
);

const pages = namedQuery((db, _args: object) =>
  db.selectNoFrom([
    sql<number>`(select page_count from pragma_page_count)`.as('all'),
    sql<number>`(select freelist_count from pragma_freelist_count)`.as('free'),
    sql<number>`(select page_size from pragma_page_size)`.as('bytes'),
    sql<number>`(select coalesce(sum(exchanges), 0) from record_size)`.as('exchanges'),
  ]),
);

/** What a workspace has on record: read, not counted. Throws `WorkspaceCrossed` in another workspace's session. */
export async function recordedSize(workspaceId: string): Promise<RecordedSize> {
  refuseOtherWorkspace(workspaceId);
  const [size] = await sizeOf({ workspaceId });
  const [oldest] = await oldestOf({ workspaceId });
  return {
    exchanges: size?.exchanges ?? 0,
    bodies: size?.bodies ?? 0,
    bodyBytes: size?.body_bytes ?? 0,
    oldest: oldest ? new Date(oldest.started_at) : null,
  };
}

/** What the database takes, all workspaces together; the log of writes is not in it. */
export async function databaseSize(): Promise<DatabaseSize> {
  const [{ all, free, bytes, exchanges } = { all: 0, free: 0, bytes: 0, exchanges: 0 }] = await pages({});
  return { bytes: all * bytes, freeBytes: free * bytes, exchanges };
}

/** Gives free pages back to the disk, so many at most. In a transaction of its caller; each page is a statement. */
export async function giveBackPages(count: number): Promise<void> {
  const db = tables();
  // Of a longer statement the driver would take the first step only, which is a page.
  for (let page = 0; page < count; page += 1) await sql`pragma incremental_vacuum(1)`.execute(db);
}
