import { type ExchangeFilter, type ExchangeLine, exchangePage } from '../../db/queries/exchanges.ts';
import { databaseSize, type DatabaseSize, recordedSize, type RecordedSize } from '../../db/queries/record-sizes.ts';
import { formerConnections } from '../../db/queries/recorded-connections.ts';
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

/** Looks exchanges up. */
export class ExchangeHistory {
  readonly #bodies: BodyStore;

  constructor(bodies: BodyStore) {
    this.#bodies = bodies;
  }

  /** The newest that the filter lets through. */
  async latest(workspaceId: string, filter: ExchangeFilter, limit: number): Promise<ExchangeLine[]> {
    return exchangePage(workspaceId, filter, null, limit);
  }

  /** Deleted connections that there are exchanges of, as their latest one calls them, by name. */
  async formerConnections(workspaceId: string): Promise<{ readonly slug: string; readonly name: string }[]> {
    return formerConnections(workspaceId);
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
