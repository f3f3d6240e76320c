import type { SearchColumn } from './search-document.ts';

/** A free-text search through a workspace's exchanges. */
export interface SearchWish {
  /** As somebody typed it. */
  readonly text: string;
  /** A statement that gives the `id`s of those exchanges, of a JSON array in its last parameter, that may be found. */
  readonly among: { readonly sql: string; readonly parameters: readonly unknown[] };
  /** The exchange to go on from, itself left out; null from the newest, or from the oldest. */
  readonly from: { readonly id: string; readonly startedAt: Date } | null;
  readonly direction: Direction;
  readonly limit: number;
  /** Whether to say where the text stands. */
  readonly withHits: boolean;
}

/** Which way a list goes on from an exchange. */
export type Direction = 'older' | 'newer';

/** A place where a searched text stands, with what is around it. */
export interface Hit {
  readonly column: SearchColumn;
  readonly before: string;
  readonly match: string;
  readonly after: string;
}

/** An exchange that was found, and where the text stands in it; null where that was not looked up. */
export interface Found {
  readonly id: string;
  readonly hit: Hit | null;
}

/**
 * How a text was taken: as a query of FTS5, as the words it holds (which is told apart where a beginning in it was too short
 * to look for), or as nothing, there being no word in it.
 */
export type TakenAs = 'query' | 'words' | 'words-for-beginnings' | 'nothing';

/** What a search came to. */
export interface SearchReply {
  /** In the direction that was asked for. */
  readonly found: readonly Found[];
  /** How far it got before its time was up, or the limit was reached; null where it has been through all of them. */
  readonly reached: { readonly id: string; readonly startedAt: Date } | null;
  readonly takenAs: TakenAs;
}

/** Looks exchanges up by free text, beside the thread that asks. */
export interface Search {
  /** Throws `TooMany` where too many searches wait already. */
  find(wish: SearchWish): Promise<SearchReply>;
  close(): Promise<void>;
}
