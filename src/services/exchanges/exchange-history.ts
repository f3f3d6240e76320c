import {
  type ExchangeCursor,
  type ExchangeFilter,
  type ExchangeLine,
  exchangePage,
  type ExchangeRecord,
  exchangeRecords,
} from '../../db/queries/exchanges.ts';
import { databaseSize, type DatabaseSize, recordedSize, type RecordedSize } from '../../db/queries/record-sizes.ts';
import { session } from '../../db/session.ts';
import { type AppError, Gone, NotFound } from '../../kernel/errors.ts';
import { Connection } from '../../model/connection.ts';
import { Exchange } from '../../model/exchange.ts';
import { Tombstone } from '../../model/tombstone.ts';
import type { BodyStore } from './body-store.ts';
import { type ExchangeDocument, exchangeDocument } from './exchange-document.ts';
import { type BodySide, type KeptBytes, keptBytes } from './kept-body.ts';

/** An exchange with as much of its bodies as was asked for; null where there is none. */
export interface ShownExchange {
  readonly exchange: Exchange;
  /** As programs get it. */
  readonly document: ExchangeDocument;
  readonly requestBody: Buffer | null;
  readonly responseBody: Buffer | null;
}

/** Bytes to read of each body; what is left out is read whole. */
export interface BodyLimits {
  readonly request?: number;
  readonly response?: number;
}

/** A page of the history, and where the next one begins; null after the last. */
export interface HistoryPage<Item extends ExchangeCursor = ExchangeLine> {
  readonly items: readonly Item[];
  readonly next: ExchangeCursor | null;
}

/** Looks exchanges up. */
export class ExchangeHistory {
  readonly #bodies: BodyStore;

  constructor(bodies: BodyStore) {
    this.#bodies = bodies;
  }

  /** Exchanges newest first, after `cursor`. */
  async page(
    workspaceId: string,
    filter: ExchangeFilter,
    cursor: ExchangeCursor | null,
    limit: number,
  ): Promise<HistoryPage> {
    return pageOf(await exchangePage(workspaceId, filter, cursor, limit + 1), limit);
  }

  /** As `page`, with everything that is on record of each. */
  async records(
    workspaceId: string,
    filter: ExchangeFilter,
    cursor: ExchangeCursor | null,
    limit: number,
  ): Promise<HistoryPage<ExchangeRecord>> {
    return pageOf(await exchangeRecords(workspaceId, filter, cursor, limit + 1), limit);
  }

  /** How much the workspace has on record, and what the database of all workspaces takes. Nothing is counted for it. */
  async size(workspaceId: string): Promise<{ readonly record: RecordedSize; readonly database: DatabaseSize }> {
    return { record: await recordedSize(workspaceId), database: await databaseSize() };
  }

  /** Throws `NotFound`, and `Gone` for one that an owner deleted. */
  async find(id: string): Promise<Exchange> {
    const exchange = await session.findOne(Exchange, { id });
    if (!exchange) throw await missing(id);
    return exchange;
  }

  /** What an exchange's connection is called by now, and where it is found; null where it is deleted, or never was. */
  async connectionNow({ connectionId }: Exchange): Promise<Pick<Connection, 'slug' | 'name'> | null> {
    return connectionId ? session.findOne(Connection, { id: connectionId }, { fields: ['slug', 'name'] }) : null;
  }

  /** An exchange with its bodies, or with so many bytes of each. Throws `NotFound`. */
  async show(id: string, limits: BodyLimits = {}): Promise<ShownExchange> {
    const exchange = await this.find(id);
    return {
      exchange,
      document: exchangeDocument(exchange),
      requestBody: await this.#body(exchange.requestBodyId, limits.request),
      responseBody: await this.#body(exchange.responseBodyId, limits.response),
    };
  }

  /** A kept body, to be read piece by piece. Throws `NotFound`, also where there is no such body. */
  async body(id: string, side: BodySide): Promise<KeptBytes> {
    return keptBytes(this.#bodies, await this.find(id), side);
  }

  async #body(id: string | null | undefined, limit: number | undefined): Promise<Buffer | null> {
    return id && limit !== 0 ? this.#bodies.read(id, limit) : null;
  }
}

async function missing(id: string): Promise<AppError> {
  const stone = await session.findOne(Tombstone, { exchangeId: id });
  if (!stone) return new NotFound('exchange', id);
  const { connectionName, kind, method, deletedBy, deletedAt } = stone;
  const when = `${deletedAt.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const what = kind === 'call' ? method : `${method} (${kind})`;
  const whose = connectionName ? ` of ${connectionName}` : '';
  return new Gone(
    `${deletedBy} deleted this exchange on ${when}. It was a ${what}${whose}; what it held is gone for good.`,
  );
}

/** Of one row more than the page holds, so that the last page knows it is the last. */
function pageOf<Item extends ExchangeCursor>(rows: readonly Item[], limit: number): HistoryPage<Item> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last ? { startedAt: last.startedAt, id: last.id } : null };
}
