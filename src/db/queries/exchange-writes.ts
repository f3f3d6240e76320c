import type { Exchange } from '../../model/exchange.ts';
import { namedWrite, refuseOtherWorkspace, type Value } from './named-query.ts';
import type { Tables } from './tables.ts';

/** Columns of an exchange, and how each property is stored there. */
const COLUMNS = {
  id: ['id', plain],
  workspaceId: ['workspace_id', plain],
  kind: ['kind', plain],
  connectionId: ['connection_id', plain],
  connectionSlug: ['connection_slug', plain],
  connectionName: ['connection_name', plain],
  generation: ['generation', plain],
  method: ['method', plain],
  url: ['url', plain],
  requestHeaders: ['request_headers', json],
  requestBody: ['request_body', json],
  requestBodyId: ['request_body_id', plain],
  outcome: ['outcome', plain],
  reason: ['reason', plain],
  detail: ['detail', plain],
  status: ['status', plain],
  responseHeaders: ['response_headers', json],
  responseBody: ['response_body', json],
  responseBodyId: ['response_body_id', plain],
  timings: ['timings', json],
  hops: ['hops', json],
  attempts: ['attempts', plain],
  sentBy: ['sent_by', plain],
  instanceId: ['instance_id', plain],
  startedAt: ['started_at', time],
  finishedAt: ['finished_at', time],
} as const satisfies Partial<Record<keyof Exchange, readonly [column: string, store: (value: never) => Value]>>;

type Property = keyof typeof COLUMNS;
const PROPERTIES = Object.keys(COLUMNS) as Property[];

/** An exchange as it is written down, every column of it. */
export type WrittenExchange = { readonly [P in Property]: Exchange[P] };

/** What becomes known when a call ends; the rest stands since it began. */
const SETTLED = [
  'generation',
  'url',
  'requestHeaders',
  'outcome',
  'reason',
  'detail',
  'status',
  'responseHeaders',
  'responseBody',
  'responseBodyId',
  'timings',
  'hops',
  'attempts',
  'startedAt',
  'finishedAt',
] as const satisfies readonly Property[];

/** What is written when a pending exchange is completed. */
export type SettledExchange = Pick<WrittenExchange, 'id' | 'workspaceId' | (typeof SETTLED)[number]>;

/** Of a relayed call the request's body is known at its end only. */
const RELAYED = [...SETTLED, 'requestBody', 'requestBodyId'] as const satisfies readonly Property[];

/** What is written when a relayed call is completed. */
export type RelayedExchange = SettledExchange & Pick<WrittenExchange, 'requestBody' | 'requestBodyId'>;

const insert = namedWrite((db, row: Stored) =>
  db.insertInto('exchange').values(columnsOf(PROPERTIES, row) as unknown as Tables['exchange']),
);

const settle = settling(SETTLED);
const settleStreamed = settling(RELAYED);

/** Writes an exchange down, in the transaction that is open here. Throws `WorkspaceCrossed` in another workspace's session. */
export async function insertExchange(exchange: WrittenExchange): Promise<void> {
  refuseOtherWorkspace(exchange.workspaceId);
  await insert(stored(PROPERTIES, exchange));
}

/** Completes a pending exchange; false where it is not pending any more. Throws as `insertExchange`. */
export async function settleExchange(exchange: SettledExchange): Promise<boolean> {
  refuseOtherWorkspace(exchange.workspaceId);
  return (await settle(stored(['id', 'workspaceId', ...SETTLED], exchange))) === 1;
}

/** As `settleExchange`, the request's body with it. */
export async function settleRelayed(exchange: RelayedExchange): Promise<boolean> {
  refuseOtherWorkspace(exchange.workspaceId);
  return (await settleStreamed(stored(['id', 'workspaceId', ...RELAYED], exchange))) === 1;
}

function settling(properties: readonly Property[]) {
  return namedWrite((db, row: Stored) =>
    db
      .updateTable('exchange')
      .set(columnsOf(properties, row))
      .where('id', '=', row.id as string)
      .where('workspace_id', '=', row.workspaceId as string)
      .where('outcome', '=', 'pending'),
  );
}

type Stored = Record<Property, Value>;

function stored(properties: readonly Property[], exchange: Partial<WrittenExchange>): Stored {
  return Object.fromEntries(
    properties.map((property) => {
      const store: (value: never) => Value = COLUMNS[property][1];
      return [property, store(exchange[property] as never)];
    }),
  ) as Stored;
}

function columnsOf(properties: readonly Property[], row: Stored): Record<string, Value> {
  return Object.fromEntries(properties.map((property) => [COLUMNS[property][0], row[property]]));
}

function plain(value: string | number | null | undefined): Value {
  return value ?? null;
}

function json(value: object | null | undefined): Value {
  return value === null || value === undefined ? null : JSON.stringify(value);
}

function time(value: Date | null | undefined): Value {
  return value?.getTime() ?? null;
}
