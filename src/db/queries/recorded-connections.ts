import { type RawBuilder, sql } from 'kysely';
import type { ExchangeFilter } from './exchange-filter.ts';
import { namedQuery, refuseOtherWorkspace } from './named-query.ts';

/** Each deleted connection that exchanges were recorded of: one look into an index for each, however many it has. */
function recorded(where: RawBuilder<unknown>) {
  const next = sql`select min("connection_id") from "exchange" where ${where} and "connection_id" > "each"."id"`;
  return sql<{ id: string }>`(
    with recursive "each" ("id") as (select '' union all select (${next}) from "each" where "each"."id" is not null)
    select "id" from "each" where "id" <> '' and "id" not in (select "id" from "connection"))`.as<'former'>('former');
}

const holder = namedQuery((db, { workspaceId, slug }: { workspaceId: string; slug: string }) =>
  db.selectFrom('connection').select('id').where('workspace_id', '=', workspaceId).where('slug', '=', slug),
);

const formerHolders = namedQuery((db, { workspaceId, slug }: { workspaceId: string; slug: string }) =>
  db.selectFrom(recorded(sql`"workspace_id" = ${workspaceId} and "connection_slug" = ${slug}`)).select('former.id'),
);

const former = namedQuery((db, { workspaceId }: { workspaceId: string }) =>
  db
    .selectFrom(recorded(sql`"workspace_id" = ${workspaceId}`))
    .innerJoin('exchange', (join) =>
      join.on('exchange.id', '=', (row) =>
        row
          .selectFrom('exchange as latest')
          .select('latest.id')
          .where('latest.workspace_id', '=', workspaceId)
          .whereRef('latest.connection_id', '=', 'former.id')
          .orderBy('latest.started_at', 'desc')
          .orderBy('latest.id', 'desc')
          .limit(1),
      ),
    )
    .select(['exchange.connection_slug as slug', 'exchange.connection_name as name'])
    .orderBy('name'),
);

/**
 * Which exchanges are those of a slug: of the connection that has it now, whatever it was called before; where none has it,
 * those of deleted connections that were recorded under it. Throws `WorkspaceCrossed` in another workspace's session.
 */
export async function exchangesOfSlug(workspaceId: string, slug: string): Promise<ExchangeFilter> {
  refuseOtherWorkspace(workspaceId);
  const [connection] = await holder({ workspaceId, slug });
  if (connection) return { connectionId: connection.id };
  const ids = (await formerHolders({ workspaceId, slug })).map(({ id }) => id);
  return { connectionSlug: slug, connectionIds: ids };
}

/** Deleted connections that there are exchanges of, as their latest one calls them, by name. Throws `WorkspaceCrossed`. */
export async function formerConnections(workspaceId: string): Promise<{ slug: string; name: string }[]> {
  refuseOtherWorkspace(workspaceId);
  return (await former({ workspaceId })).map(({ slug, name }) => ({ slug: slug ?? '', name: name ?? '' }));
}
