import { type ExchangeFilter, exchangePage, type ExchangeLine } from '../../db/queries/exchanges.ts';
import { session } from '../../db/session.ts';
import { NotFound } from '../../kernel/errors.ts';
import { Exchange } from '../../model/exchange.ts';
import type { BodyStore } from './body-store.ts';

/** An exchange with as much of its bodies as was asked for; null where there is none. */
export interface ShownExchange {
  readonly exchange: Exchange;
  readonly requestBody: Buffer | null;
  readonly responseBody: Buffer | null;
}

/** Bytes to read of each body; what is left out is read whole. */
export interface BodyLimits {
  readonly request?: number;
  readonly response?: number;
}

/** A page of the history, and where the next one begins; null after the last. */
export interface HistoryPage {
  readonly items: readonly ExchangeLine[];
  readonly next: { readonly startedAt: Date; readonly id: string } | null;
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
    filters: ExchangeFilter,
    cursor: HistoryPage['next'],
    limit: number,
  ): Promise<HistoryPage> {
    const rows = await exchangePage(workspaceId, filters, cursor, limit + 1);
    const items = rows.slice(0, limit);
    const last = items.at(-1);
    return { items, next: rows.length > limit && last ? { startedAt: last.startedAt, id: last.id } : null };
  }

  /** Throws `NotFound`. */
  async find(id: string): Promise<Exchange> {
    const exchange = await session.findOne(Exchange, { id });
    if (!exchange) throw new NotFound('exchange', id);
    return exchange;
  }

  /** An exchange with its bodies, or with so many bytes of each. Throws `NotFound`. */
  async show(id: string, limits: BodyLimits = {}): Promise<ShownExchange> {
    const exchange = await this.find(id);
    return {
      exchange,
      requestBody: await this.#body(exchange.requestBodyId, limits.request),
      responseBody: await this.#body(exchange.responseBodyId, limits.response),
    };
  }

  async #body(id: string | null | undefined, limit: number | undefined): Promise<Buffer | null> {
    return id && limit !== 0 ? this.#bodies.read(id, limit) : null;
  }
}
