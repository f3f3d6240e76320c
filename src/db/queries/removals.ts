import { sql } from 'kysely';
import { listed, namedQuery, namedWrite, refuseOtherWorkspace } from './named-query.ts';
import { openHash } from './open-bodies.ts';

/** Ids, of all workspaces, of settled exchanges without a pin, oldest first, after one and before another. */
const removable = namedQuery((db, { after, before, limit }: { after: string; before: string; limit: number }) =>
  db
    .selectFrom('exchange')
    .select('id')
    .where('id', '>', after)
    .where('id', '<', before)
    .where('outcome', '<>', 'pending')
    .where((row) =>
      row.not(row.exists(row.selectFrom('pin').select('note').whereRef('pin.exchange_id', '=', 'exchange.id'))),
    )
    .orderBy('id')
    .limit(limit),
);

/** Looks at the pins once more: somebody may have set one since. */
const removeUnpinned = namedWrite((db, { ids }: { ids: string }) =>
  db
    .deleteFrom('exchange')
    .where('id', 'in', listed(ids))
    .where('outcome', '<>', 'pending')
    .where((row) =>
      row.not(row.exists(row.selectFrom('pin').select('note').whereRef('pin.exchange_id', '=', 'exchange.id'))),
    ),
);

const loose = namedQuery((db, { limit }: { limit: number }) =>
  db
    .selectFrom('loose_body')
    .leftJoin('body', 'body.id', 'loose_body.body_id')
    .select(['loose_body.body_id', 'loose_body.workspace_id', 'body.bytes', 'body.sha256'])
    .select((row) => {
      const by = (side: 'request_body_id' | 'response_body_id') =>
        row.exists(row.selectFrom('exchange').select('id').whereRef(`exchange.${side}`, '=', 'loose_body.body_id'));
      return row.or([by('request_body_id'), by('response_body_id')]).as('is_used');
    })
    .orderBy('loose_body.body_id')
    .limit(limit),
);

const removeChunks = namedWrite((db, { ids }: { ids: string }) =>
  db.deleteFrom('body_chunk').where('body_id', 'in', listed(ids)),
);

const removeBodies = namedWrite((db, { ids }: { ids: string }) => db.deleteFrom('body').where('id', 'in', listed(ids)));

const unlist = namedWrite((db, { ids }: { ids: string }) =>
  db.deleteFrom('loose_body').where('body_id', 'in', listed(ids)),
);

const hide = namedWrite((db, { id, sha256 }: { id: string; sha256: string }) =>
  db.updateTable('body').set({ sha256 }).where('id', '=', id),
);

const bury = namedWrite(
  (db, { ids, workspaceId, by, at }: { ids: string; workspaceId: string; by: string; at: number }) =>
    db
      .insertInto('tombstone')
      .columns(['exchange_id', 'workspace_id', 'connection_name', 'kind', 'method', 'deleted_by', 'deleted_at'])
      .expression(
        db
          .selectFrom('exchange')
          .select(['id', 'workspace_id', 'connection_name', 'kind', 'method'])
          .select([sql<string>`${by}`.as('by'), sql<number>`${at}`.as('at')])
          .where('id', 'in', listed(ids))
          .where('workspace_id', '=', workspaceId)
          .where('outcome', '<>', 'pending'),
      ),
);

const removeSettled = namedWrite((db, { ids, workspaceId }: { ids: string; workspaceId: string }) =>
  db
    .deleteFrom('exchange')
    .where('id', 'in', listed(ids))
    .where('workspace_id', '=', workspaceId)
    .where('outcome', '<>', 'pending'),
);

/** A body that lost an exchange, and whether another still holds it. */
export interface LooseBody {
  readonly id: string;
  readonly workspaceId: string;
  readonly bytes: number;
  /** True where it is hidden already: nobody can find it by its content. */
  readonly isHidden: boolean;
  readonly isUsed: boolean;
}

/** Settled exchanges without a pin, of all workspaces, by id, so oldest first: after one and before another. */
export async function removableExchanges(after: string, before: string, limit: number): Promise<string[]> {
  return (await removable({ after, before, limit })).map(({ id }) => id);
}

/** Deletes those of them that still have no pin, and says how many. For retention. */
export async function removeUnpinnedExchanges(ids: readonly string[]): Promise<number> {
  return removeUnpinned({ ids: JSON.stringify(ids) });
}

/** Puts a tombstone beside each of these exchanges that is settled. Throws `WorkspaceCrossed`. */
export async function buryExchanges(workspaceId: string, ids: readonly string[], by: string, at: Date): Promise<void> {
  refuseOtherWorkspace(workspaceId);
  await bury({ ids: JSON.stringify(ids), workspaceId, by, at: at.getTime() });
}

/** Deletes them, in the same transaction, and says how many. Throws `WorkspaceCrossed`. */
export async function removeBuried(workspaceId: string, ids: readonly string[]): Promise<number> {
  refuseOtherWorkspace(workspaceId);
  return removeSettled({ ids: JSON.stringify(ids), workspaceId });
}

/** Bodies, of all workspaces, that lost an exchange. Look and remove in one transaction: an exchange may come to hold it. */
export async function looseBodies(limit: number): Promise<LooseBody[]> {
  return (await loose({ limit })).map((row) => ({
    id: row.body_id,
    workspaceId: row.workspace_id,
    bytes: row.bytes ?? 0,
    isHidden: row.sha256 === openHash(row.body_id),
    isUsed: Boolean(row.is_used),
  }));
}

/** Deletes bodies of one piece each, at once. */
export async function removeSmallBodies(ids: readonly string[]): Promise<void> {
  await removeChunks({ ids: JSON.stringify(ids) });
  await removeBodies({ ids: JSON.stringify(ids) });
}

/** Makes a body one that never ended: nobody finds it by its content any more, and a sweep takes what is left of it. */
export async function hideBody(id: string): Promise<void> {
  await hide({ id, sha256: openHash(id) });
}

/** Takes bodies off the list of those that lost an exchange. */
export async function unlistBodies(ids: readonly string[]): Promise<void> {
  await unlist({ ids: JSON.stringify(ids) });
}
