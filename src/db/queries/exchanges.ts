import type { ExchangeKind, ExchangeOutcome, FailureReason, Hop, Timings } from '../../kernel/exchange.ts';
import type { HeaderPairs } from '../../kernel/headers.ts';
import type { Direction } from '../../kernel/search.ts';
import type { RequestBodyFacts, ResponseBodyFacts } from '../../model/exchange.ts';
import { allowed, type ExchangeCursor, type ExchangeFilter, matching } from './exchange-filter.ts';
import type { Tables } from './tables.ts';
import { asDate, asDateOrNull, fromJson, namedQuery, refuseOtherWorkspace, tables } from './named-query.ts';

export type { ExchangeCursor, ExchangeFilter } from './exchange-filter.ts';

/** What a history list shows of an exchange. */
export interface ExchangeLine {
  readonly id: string;
  readonly kind: ExchangeKind;
  /** Null for imported ones, as slug and name are. */
  readonly connectionId: string | null;
  readonly connectionSlug: string | null;
  readonly connectionName: string | null;
  /** What its connection's slug is by now; null where that is deleted, or never was. */
  readonly slugNow: string | null;
  readonly generation: number;
  readonly method: string;
  readonly url: string;
  readonly outcome: ExchangeOutcome;
  readonly reason: FailureReason | null;
  readonly status: number | null;
  readonly timings: Timings | null;
  readonly responseBody: ResponseBodyFacts | null;
  readonly attempts: number;
  readonly sentBy: string | null;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
  /** Null where it is not pinned; an empty text is a pin without words. */
  readonly pinNote: string | null;
}

/** All that is on record of an exchange but its bodies. */
export interface ExchangeRecord extends ExchangeLine {
  readonly requestHeaders: HeaderPairs;
  readonly requestBody: RequestBodyFacts | null;
  /** Under which ids the bodies are kept; null where there is none, or it is empty. */
  readonly requestBodyId: string | null;
  readonly responseBodyId: string | null;
  readonly detail: string | null;
  readonly responseHeaders: HeaderPairs | null;
  readonly hops: readonly Hop[];
}

const pendingOf = namedQuery((db, _args: object) =>
  db.selectFrom('exchange').select('instance_id').distinct().where('outcome', '=', 'pending'),
);

/** The processes that have exchanges pending, dead or alive. For their register, in a system scope. */
export async function instancesWithPending(): Promise<string[]> {
  return (await pendingOf({})).map((row) => row.instance_id);
}

const LINE = [
  'id',
  'kind',
  'connection_id',
  'connection_slug',
  'connection_name',
  'generation',
  'method',
  'url',
  'outcome',
  'reason',
  'status',
  'timings',
  'response_body',
  'attempts',
  'sent_by',
  'started_at',
  'finished_at',
] as const;

const MORE = [
  'request_headers',
  'request_body',
  'request_body_id',
  'response_body_id',
  'detail',
  'response_headers',
  'hops',
] as const;

/**
 * A page of the workspace's history: what comes after `cursor`, at most `limit` lines; newest first, or oldest first where
 * it goes on to newer ones.
 * Throws `WorkspaceCrossed` in another workspace's session.
 */
export async function exchangePage(
  workspaceId: string,
  filter: ExchangeFilter,
  cursor: ExchangeCursor | null,
  limit: number,
  direction: Direction = 'older',
): Promise<ExchangeLine[]> {
  refuseOtherWorkspace(workspaceId);
  const rows = await inOrder(filter, direction, limit, (each) =>
    matching(lines(), workspaceId, each, cursor, direction).limit(limit).execute(),
  );
  return rows.map(asLine);
}

/** As `exchangePage`, with everything that is on record of each. */
export async function exchangeRecords(
  workspaceId: string,
  filter: ExchangeFilter,
  cursor: ExchangeCursor | null,
  limit: number,
  direction: Direction = 'older',
): Promise<ExchangeRecord[]> {
  refuseOtherWorkspace(workspaceId);
  const rows = await inOrder(filter, direction, limit, (each) =>
    matching(lines().select(MORE), workspaceId, each, cursor, direction).limit(limit).execute(),
  );
  return rows.map((row) => ({
    ...asLine(row),
    requestHeaders: JSON.parse(row.request_headers) as HeaderPairs,
    requestBody: fromJson<RequestBodyFacts>(row.request_body),
    requestBodyId: row.request_body_id,
    responseBodyId: row.response_body_id,
    detail: row.detail,
    responseHeaders: fromJson<HeaderPairs>(row.response_headers),
    hops: JSON.parse(row.hops) as readonly Hop[],
  }));
}

/** Of several connections the rows are read one connection after another: no index has them all in the order of the history. */
async function inOrder<Row extends Pick<Tables['exchange'], 'started_at' | 'id'>>(
  { connectionIds, ...filter }: ExchangeFilter,
  direction: Direction,
  limit: number,
  read: (filter: ExchangeFilter) => Promise<Row[]>,
): Promise<Row[]> {
  if (!connectionIds) return read(filter);
  const rows: Row[] = [];
  for (const connectionId of connectionIds) rows.push(...(await read({ ...filter, connectionId })));
  rows.sort((one, other) => one.started_at - other.started_at || (one.id < other.id ? -1 : 1));
  return (direction === 'older' ? rows.toReversed() : rows).slice(0, limit);
}

/** The statement that gives those `id`s of a JSON array, its last parameter, that the filter lets through. Throws as the others. */
export function allowedAmong(workspaceId: string, filter: ExchangeFilter) {
  refuseOtherWorkspace(workspaceId);
  const select = tables().selectFrom('exchange').select('exchange.id');
  const { sql, parameters } = allowed(select, workspaceId, { ...filter, ids: [] }).compile();
  return { sql, parameters: parameters.slice(0, -1) };
}

/** How many exchanges the workspace has from one moment to another, both included; counted up to `most`. */
export async function countBetween(workspaceId: string, from: Date, to: Date, most: number): Promise<number> {
  refuseOtherWorkspace(workspaceId);
  const [row] = await counted({ workspaceId, from: from.getTime(), to: to.getTime(), most });
  return row?.count ?? 0;
}

const counted = namedQuery(
  (db, { workspaceId, from, to, most }: { workspaceId: string; from: number; to: number; most: number }) =>
    db
      .selectFrom((inner) =>
        inner
          .selectFrom('exchange')
          .select('exchange.started_at')
          .where('workspace_id', '=', workspaceId)
          .where('started_at', '>=', from)
          .where('started_at', '<=', to)
          .limit(most)
          .as('some'),
      )
      .select((row) => row.fn.countAll<number>().as('count')),
);

function lines() {
  return tables()
    .selectFrom('exchange')
    .select(LINE)
    .select((row) => [
      row.selectFrom('pin').select('note').whereRef('pin.exchange_id', '=', 'exchange.id').as('pin_note'),
      row
        .selectFrom('connection')
        .select('slug')
        .whereRef('connection.id', '=', 'exchange.connection_id')
        .as('slug_now'),
    ]);
}

type Row = Awaited<ReturnType<ReturnType<typeof lines>['execute']>>[number];

function asLine(row: Row): ExchangeLine {
  return {
    id: row.id,
    kind: row.kind as ExchangeKind,
    connectionId: row.connection_id,
    connectionSlug: row.connection_slug,
    connectionName: row.connection_name,
    slugNow: row.slug_now,
    generation: row.generation,
    method: row.method,
    url: row.url,
    outcome: row.outcome as ExchangeOutcome,
    reason: row.reason as FailureReason | null,
    status: row.status,
    timings: fromJson<Timings>(row.timings),
    responseBody: fromJson<ResponseBodyFacts>(row.response_body),
    attempts: row.attempts,
    sentBy: row.sent_by,
    startedAt: asDate(row.started_at),
    finishedAt: asDateOrNull(row.finished_at),
    pinNote: row.pin_note,
  };
}
