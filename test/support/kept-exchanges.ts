import Database from 'better-sqlite3';
import type { HeaderPairs } from '../../src/kernel/headers.ts';

/** An exchange as it lies in the database. */
export interface KeptExchange {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly outcome: string;
  readonly reason: string | null;
  readonly detail: string | null;
  readonly status: number | null;
  readonly generation: number;
  readonly attempts: number;
  readonly sentBy: string | null;
  readonly requestHeaders: HeaderPairs;
  readonly requestBody: { readonly bytes: number; readonly sha256: string; readonly truncated: boolean } | null;
  readonly responseHeaders: HeaderPairs | null;
  readonly responseBody: Record<string, unknown> | null;
  readonly hops: readonly { readonly attempt: number; readonly status: number | null; readonly url: string }[];
}

/** Calls that are committed, oldest first, read past the app by a connection of its own; token calls are left out. */
export function keptCalls(databaseFile: string): KeptExchange[] {
  return rowsOf(databaseFile, "select * from exchange where kind = 'call' order by id").map((row) => {
    const json = (name: string): unknown => JSON.parse((row[name] as string | null) ?? 'null');
    return {
      ...(row as unknown as KeptExchange),
      sentBy: row['sent_by'] as string | null,
      requestHeaders: json('request_headers') as HeaderPairs,
      requestBody: json('request_body') as KeptExchange['requestBody'],
      responseHeaders: json('response_headers') as HeaderPairs | null,
      responseBody: json('response_body') as KeptExchange['responseBody'],
      hops: json('hops') as KeptExchange['hops'],
    };
  });
}

/** Rows of the database as they are committed now. */
export function rowsOf(databaseFile: string, sql: string): Record<string, unknown>[] {
  const database = new Database(databaseFile, { readonly: true });
  try {
    return database.prepare(sql).all() as Record<string, unknown>[];
  } finally {
    database.close();
  }
}
