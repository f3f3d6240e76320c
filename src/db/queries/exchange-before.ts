import { namedQuery, refuseOtherWorkspace } from './named-query.ts';

/** How many exchanges of the connection are looked through. */
const LOOKED_AT = 500;

interface Wanted extends Record<string, string | number> {
  readonly workspaceId: string;
  readonly connectionId: string;
  readonly kind: string;
  readonly method: string;
  /** The URL without its query. */
  readonly path: string;
  readonly startedAt: number;
  readonly id: string;
}

const beforeThis = namedQuery((db, { workspaceId, connectionId, kind, method, path, startedAt, id }: Wanted) =>
  db
    .selectFrom((inner) =>
      inner
        .selectFrom('exchange')
        .select(['id', 'kind', 'method', 'url', 'started_at'])
        .where('workspace_id', '=', workspaceId)
        .where('connection_id', '=', connectionId)
        .where((e) => e(e.refTuple('started_at', 'id'), '<', e.tuple(startedAt, id)))
        .orderBy('started_at', 'desc')
        .orderBy('id', 'desc')
        .limit(LOOKED_AT)
        .as('lately'),
    )
    .select('id')
    .where('kind', '=', kind)
    .where('method', '=', method)
    .where((e) =>
      e.or([
        e('url', '=', path),
        e(
          e.fn('substr', ['url', e.val(1), e(e.fn('length', [e.val(path)]), '+', e.lit(1))]),
          '=',
          e(e.val(path), '||', e.val('?')),
        ),
      ]),
    )
    .orderBy('started_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1),
);

/** The last exchange of that connection, kind, method and path before this one, among its last 500; else null. */
export async function exchangeBefore(wanted: Wanted): Promise<string | null> {
  refuseOtherWorkspace(wanted.workspaceId);
  const [row] = await beforeThis(wanted);
  return row?.id ?? null;
}
