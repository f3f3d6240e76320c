import { sql } from 'kysely';
import type { HeaderPairs } from '../../kernel/headers.ts';
import type { SearchDocument } from '../../kernel/search-document.ts';
import type { RequestBodyFacts, ResponseBodyFacts } from '../../model/exchange.ts';
import { fromJson, namedQuery, namedWrite } from './named-query.ts';

/** A settled exchange that cannot be found by its words yet. */
export interface UnindexedExchange {
  readonly number: number;
  readonly workspaceId: string;
  readonly method: string;
  readonly url: string;
  readonly requestHeaders: HeaderPairs;
  readonly requestBody: RequestBodyFacts | null;
  readonly requestBodyId: string | null;
  readonly responseHeaders: HeaderPairs;
  readonly responseBody: ResponseBodyFacts | null;
  readonly responseBodyId: string | null;
}

const waiting = namedQuery((db, { limit }: { limit: number }) =>
  db
    .selectFrom('search_entry')
    .innerJoin('exchange', 'exchange.id', 'search_entry.exchange_id')
    .select([
      'search_entry.number',
      'exchange.workspace_id',
      'exchange.method',
      'exchange.url',
      'exchange.request_headers',
      'exchange.request_body',
      'exchange.request_body_id',
      'exchange.response_headers',
      'exchange.response_body',
      'exchange.response_body_id',
    ])
    // Written out, so that the index of those that wait is known to fit.
    .where('search_entry.is_indexed', '=', (row) => row.lit(0))
    .where('exchange.outcome', '<>', 'pending')
    .orderBy('search_entry.number', 'desc')
    .limit(limit),
);

const mark = namedWrite((db, { number }: { number: number }) =>
  db.updateTable('search_entry').set({ is_indexed: 1 }).where('number', '=', number).where('is_indexed', '=', 0),
);

const add = namedWrite((db, row: SearchDocument & { readonly number: number }) =>
  db.insertInto('search_text').values({
    // A number of that size would be bound as a real one, which the index takes for none.
    rowid: sql<number>`cast(${row.number} as integer)`,
    method: row.method,
    url: row.url,
    request_headers: row.request_headers,
    request_body: row.request_body,
    response_headers: row.response_headers,
    response_body: row.response_body,
  }),
);

/** Settled exchanges of all workspaces that are not in the index yet, newest first. For the background. */
export async function unindexedExchanges(limit: number): Promise<UnindexedExchange[]> {
  return (await waiting({ limit })).map((row) => ({
    number: row.number,
    workspaceId: row.workspace_id,
    method: row.method,
    url: row.url,
    requestHeaders: fromJson<HeaderPairs>(row.request_headers) ?? [],
    requestBody: fromJson<RequestBodyFacts>(row.request_body),
    requestBodyId: row.request_body_id,
    responseHeaders: fromJson<HeaderPairs>(row.response_headers) ?? [],
    responseBody: fromJson<ResponseBodyFacts>(row.response_body),
    responseBodyId: row.response_body_id,
  }));
}

/** Puts an exchange's words into the index; nothing where another process has done so, or the exchange is gone. In a transaction. */
export async function indexExchange(number: number, document: SearchDocument): Promise<void> {
  if ((await mark({ number })) === 1) await add({ number, ...document });
}
