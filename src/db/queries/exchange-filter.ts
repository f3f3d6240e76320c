import { type SelectQueryBuilder, sql } from 'kysely';
import type { ExchangeKind, ExchangeOutcome } from '../../kernel/exchange.ts';
import { firstIdAt } from '../../kernel/ids.ts';
import type { Direction } from '../../kernel/search.ts';
import { listed, tables } from './named-query.ts';
import type { Tables } from './tables.ts';

/** A status, or its class such as `'4xx'`. */
export type StatusFilter = number | '1xx' | '2xx' | '3xx' | '4xx' | '5xx';

/** Which exchanges; what is left out does not matter. */
export interface ExchangeFilter {
  /** One of these. */
  readonly ids?: readonly string[] | undefined;
  readonly kind?: ExchangeKind | undefined;
  /** Any of these. */
  readonly kinds?: readonly ExchangeKind[] | undefined;
  readonly connectionId?: string | undefined;
  /** Of any of these connections. */
  readonly connectionIds?: readonly string[] | undefined;
  /** The slug an exchange was recorded under: its connection may be gone, or have another by now. */
  readonly connectionSlug?: string | undefined;
  readonly method?: string | undefined;
  readonly status?: StatusFilter | undefined;
  readonly outcome?: ExchangeOutcome | undefined;
  /** True for those that have come to their end. */
  readonly settled?: boolean | undefined;
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
  /** Got its id before this moment, whenever it began: an imported one may have begun at any time. */
  readonly recordedBefore?: Date | undefined;
}

/** An exchange that a page goes on from: it begins after it. */
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

/**
 * Narrows a select of exchanges to a workspace's that the filter lets through. Where some ids are asked for, or pinned or
 * pending ones, those are looked up one by one: an index of all exchanges would only be in the way. The ids are the last
 * parameter.
 */
export function allowed<Row>(
  select: SelectQueryBuilder<Tables, 'exchange', Row>,
  workspaceId: string,
  filter: ExchangeFilter,
) {
  const { ids, connectionIds, kinds, status, minMs, minBytes, since, until, pinned, recordedBefore } = filter;
  const isNamed = ids !== undefined || pinned === true;
  const isPending = filter.outcome === 'pending' && !isNamed;
  const aside = <T>(name: string) => sql<T>`+${sql.ref(`exchange.${name}`)}`;
  const column = <T>(name: string) =>
    isNamed || (isPending && name !== 'outcome') ? aside<T>(name) : sql<T>`${sql.ref(name)}`;
  let some = select.where(column<string>('workspace_id'), '=', workspaceId);
  if (pinned !== undefined) {
    const pins = tables().selectFrom('pin').select('exchange_id').where('pin.workspace_id', '=', workspaceId);
    some = some.where('exchange.id', pinned ? 'in' : 'not in', pins);
  }
  for (const [name, wanted] of EQUAL.map(([name, key]) => [name, filter[key]] as const))
    if (wanted !== undefined) some = some.where(column<string | number>(name), '=', wanted);
  if (kinds) some = some.where(column<string>('kind'), 'in', kinds);
  if (status !== undefined) {
    const [from, to] = statusRange(status);
    some = some.where('status', '>=', from).where('status', '<=', to);
  }
  if (minMs !== undefined) some = some.where(member('timings', 'total'), '>=', minMs);
  if (minBytes !== undefined) some = some.where(member('response_body', 'bytes'), '>=', minBytes);
  if (since) some = some.where(column<number>('started_at'), '>=', since.getTime());
  if (until) some = some.where(column<number>('started_at'), '<', until.getTime());
  if (filter.settled) some = some.where(aside<string>('outcome'), '<>', 'pending');
  if (recordedBefore) some = some.where(aside<string>('id'), '<', firstIdAt(recordedBefore));
  if (connectionIds) some = some.where(aside<string>('connection_id'), 'in', listed(JSON.stringify(connectionIds)));
  if (ids) some = some.where('exchange.id', 'in', listed(JSON.stringify(ids)));
  return some;
}

/** As `allowed`, in the order of the history: after the cursor, newest first, or before it, oldest first. */
export function matching<Row>(
  select: SelectQueryBuilder<Tables, 'exchange', Row>,
  workspaceId: string,
  filter: ExchangeFilter,
  cursor: ExchangeCursor | null,
  direction: Direction,
) {
  const [than, order] = direction === 'older' ? (['<', 'desc'] as const) : (['>', 'asc'] as const);
  let page = allowed(select, workspaceId, filter);
  if (cursor) {
    const { startedAt, id } = cursor;
    page = page.where((e) => e(e.refTuple('started_at', 'id'), than, e.tuple(startedAt.getTime(), id)));
  }
  return page.orderBy('started_at', order).orderBy('id', order);
}

function member(column: 'timings' | 'response_body', name: string) {
  return sql<number>`cast(${sql.ref(column)} ->> ${sql.lit(name)} as real)`;
}

function statusRange(status: StatusFilter): [from: number, to: number] {
  if (typeof status === 'number') return [status, status];
  const from = Number(status[0]) * 100;
  return [from, from + 99];
}
