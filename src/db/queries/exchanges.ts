import type { ExchangeKind, ExchangeOutcome, FailureReason, Timings } from '../../kernel/exchange.ts';
import type { ResponseBodyFacts } from '../../model/exchange.ts';
import { asDate, asDateOrNull, namedQuery, refuseOtherWorkspace, tables } from './named-query.ts';

/** What a history list shows of an exchange. */
export interface ExchangeLine {
  readonly id: string;
  readonly kind: ExchangeKind;
  readonly connectionId: string;
  readonly connectionSlug: string;
  readonly connectionName: string;
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
}

/** Which exchanges; what is left out does not matter. `status` is one status or its class, such as `'2xx'`. */
export interface ExchangeFilter {
  readonly kind?: ExchangeKind;
  readonly connectionId?: string;
  readonly method?: string;
  readonly status?: number | `${1 | 2 | 3 | 4 | 5}xx`;
  readonly outcome?: ExchangeOutcome;
}

/** The last line of the page before. */
export interface ExchangeCursor {
  readonly startedAt: Date;
  readonly id: string;
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

/**
 * A page of the workspace's history, newest first: what comes after `cursor`, at most `limit` lines.
 * Throws `WorkspaceCrossed` in another workspace's session.
 */
export async function exchangePage(
  workspaceId: string,
  filter: ExchangeFilter,
  cursor: ExchangeCursor | null,
  limit: number,
): Promise<ExchangeLine[]> {
  refuseOtherWorkspace(workspaceId);
  const rows = await selectPage(workspaceId, filter, cursor).limit(limit).execute();
  return rows.map(asLine);
}

function selectPage(workspaceId: string, filter: ExchangeFilter, cursor: ExchangeCursor | null) {
  let page = tables().selectFrom('exchange').select(LINE).where('workspace_id', '=', workspaceId);
  if (filter.connectionId !== undefined) page = page.where('connection_id', '=', filter.connectionId);
  if (filter.kind !== undefined) page = page.where('kind', '=', filter.kind);
  if (filter.method !== undefined) page = page.where('method', '=', filter.method);
  if (filter.outcome !== undefined) page = page.where('outcome', '=', filter.outcome);
  if (filter.status !== undefined) {
    const [from, to] = statusRange(filter.status);
    page = page.where('status', '>=', from).where('status', '<=', to);
  }
  if (cursor) {
    const { startedAt, id } = cursor;
    page = page.where((e) => e(e.refTuple('started_at', 'id'), '<', e.tuple(startedAt.getTime(), id)));
  }
  return page.orderBy('started_at', 'desc').orderBy('id', 'desc');
}

function statusRange(status: number | `${number}xx`): [from: number, to: number] {
  if (typeof status === 'number') return [status, status];
  const from = Number(status[0]) * 100;
  return [from, from + 99];
}

type Row = Awaited<ReturnType<ReturnType<typeof selectPage>['execute']>>[number];

function asLine(row: Row): ExchangeLine {
  return {
    id: row.id,
    kind: row.kind as ExchangeKind,
    connectionId: row.connection_id,
    connectionSlug: row.connection_slug,
    connectionName: row.connection_name,
    generation: row.generation,
    method: row.method,
    url: row.url,
    outcome: row.outcome as ExchangeOutcome,
    reason: row.reason as FailureReason | null,
    status: row.status,
    timings: row.timings === null ? null : (JSON.parse(row.timings) as Timings),
    responseBody: row.response_body === null ? null : (JSON.parse(row.response_body) as ResponseBodyFacts),
    attempts: row.attempts,
    sentBy: row.sent_by,
    startedAt: asDate(row.started_at),
    finishedAt: asDateOrNull(row.finished_at),
  };
}
