import { type SelectQueryBuilder, sql } from 'kysely';
import type { ExchangeKind, ExchangeOutcome } from '../../kernel/exchange.ts';
import { tables } from './named-query.ts';
import type { Tables } from './tables.ts';

/** A status, or its class such as `'4xx'`. */
export type StatusFilter = number | '1xx' | '2xx' | '3xx' | '4xx' | '5xx';

/** Which exchanges; what is left out does not matter. */
export interface ExchangeFilter {
  readonly id?: string | undefined;
  readonly kind?: ExchangeKind | undefined;
  /** Any of these. */
  readonly kinds?: readonly ExchangeKind[] | undefined;
  readonly connectionId?: string | undefined;
  /** The slug an exchange was recorded under: its connection may be gone, or have another by now. */
  readonly connectionSlug?: string | undefined;
  readonly method?: string | undefined;
  readonly status?: StatusFilter | undefined;
  readonly outcome?: ExchangeOutcome | undefined;
  readonly generation?: number | undefined;
  readonly sentBy?: string | undefined;
  /** Took at least so many milliseconds in all. */
  readonly minMs?: number | undefined;
  /** At least so many bytes of the answer's body are kept. */
  readonly minBytes?: number | undefined;
  /** True for those that are pinned, false for the others. */
  readonly pinned?: boolean | undefined;
  /** Began at this moment or later. */
  readonly since?: Date | undefined;
  /** Began before this moment. */
  readonly until?: Date | undefined;
}

/** The last exchange of the page before. */
export interface ExchangeCursor {
  readonly startedAt: Date;
  readonly id: string;
}

const EQUAL = [
  ['kind', 'kind'],
  ['connection_id', 'connectionId'],
  ['connection_slug', 'connectionSlug'],
  ['method', 'method'],
  ['outcome', 'outcome'],
  ['generation', 'generation'],
  ['sent_by', 'sentBy'],
] as const;

/** Narrows a select of exchanges to a workspace's that the filter lets through, newest first, after the cursor. */
export function matching<Row>(
  select: SelectQueryBuilder<Tables, 'exchange', Row>,
  workspaceId: string,
  filter: ExchangeFilter,
  cursor: ExchangeCursor | null,
) {
  let page = ofWorkspace(select, workspaceId, filter.pinned);
  for (const [column, name] of EQUAL) {
    const wanted = filter[name];
    if (wanted !== undefined) page = page.where(column, '=', wanted);
  }
  const { kinds, status, minMs, minBytes, since, until } = filter;
  if (filter.id !== undefined) page = page.where('exchange.id', '=', filter.id);
  if (kinds) page = page.where('kind', 'in', kinds);
  if (status !== undefined) {
    const [from, to] = statusRange(status);
    page = page.where('status', '>=', from).where('status', '<=', to);
  }
  if (minMs !== undefined) page = page.where(member('timings', 'total'), '>=', minMs);
  if (minBytes !== undefined) page = page.where(member('response_body', 'bytes'), '>=', minBytes);
  if (since) page = page.where('started_at', '>=', since.getTime());
  if (until) page = page.where('started_at', '<', until.getTime());
  if (cursor) {
    const { startedAt, id } = cursor;
    page = page.where((e) => e(e.refTuple('started_at', 'id'), '<', e.tuple(startedAt.getTime(), id)));
  }
  return page.orderBy('started_at', 'desc').orderBy('id', 'desc');
}

/** Pins are few: those are looked up one by one, which the index of all exchanges would only be in the way of. */
function ofWorkspace<Row>(
  select: SelectQueryBuilder<Tables, 'exchange', Row>,
  workspaceId: string,
  pinned: boolean | undefined,
) {
  if (pinned === undefined) return select.where('workspace_id', '=', workspaceId);
  const pins = tables().selectFrom('pin').select('exchange_id').where('pin.workspace_id', '=', workspaceId);
  if (!pinned) return select.where('workspace_id', '=', workspaceId).where('exchange.id', 'not in', pins);
  return select
    .where(sql<string>`+${sql.ref('exchange.workspace_id')}`, '=', workspaceId)
    .where('exchange.id', 'in', pins);
}

function member(column: 'timings' | 'response_body', name: string) {
  return sql<number>`cast(${sql.ref(column)} ->> ${sql.lit(name)} as real)`;
}

function statusRange(status: StatusFilter): [from: number, to: number] {
  if (typeof status === 'number') return [status, status];
  const from = Number(status[0]) * 100;
  return [from, from + 99];
}
