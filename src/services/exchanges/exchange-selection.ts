import {
  allowedAmong,
  type ExchangeCursor,
  type ExchangeFilter,
  type ExchangeLine,
  exchangePage,
  type ExchangeRecord,
  exchangeRecords,
} from '../../db/queries/exchanges.ts';
import { exchangesOfSlug } from '../../db/queries/recorded-connections.ts';
import type { Direction, Hit, Search, TakenAs } from '../../kernel/search.ts';
import type { SearchIndexer } from './search-indexer.ts';

/** Which exchanges: what the filter lets through and, where there is one, the text is found in. */
export interface Selection {
  readonly filter: ExchangeFilter;
  readonly text: string | null;
  /** The slug that a connection has now, or that a deleted one had; left out where it does not matter. */
  readonly connection?: string | undefined;
}

/** Where a page begins: at the newest, or after an exchange in a direction. */
export type Place = { readonly from: ExchangeCursor; readonly direction: Direction } | null;

/** A page of a selection, newest first, and from where the ones beside it go on; null where there are none. */
export interface SelectedPage<Item extends ExchangeCursor> {
  readonly items: readonly Item[];
  readonly older: ExchangeCursor | null;
  readonly newer: ExchangeCursor | null;
  /** What is to be said of a search; null where there was none. */
  readonly search: Searched | null;
}

/** How a search went. */
export interface Searched {
  /** Where the text stands, by the exchange's id. */
  readonly hits: ReadonlyMap<string, Hit>;
  readonly takenAs: TakenAs;
  /** How far it got before its time was up; null where the page is all there is to say. */
  readonly reached: Date | null;
  /** False where the newest exchanges cannot be found yet. */
  readonly isIndexed: boolean;
}

/** How long a search waits for exchanges that are not in the index yet. */
const CATCH_UP_MS = 250;

interface Parts {
  readonly search: Search;
  readonly indexer: SearchIndexer;
}

type Read<Item> = (
  workspaceId: string,
  filter: ExchangeFilter,
  cursor: ExchangeCursor | null,
  limit: number,
  direction: Direction,
) => Promise<Item[]>;

/** Reads selections of a workspace's exchanges, page by page. */
export class ExchangeSelector {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** A page of what lists show; `withHits` says where a searched text stands. Throws `TooMany` where too many search. */
  lines(workspaceId: string, selection: Selection, place: Place, limit: number, withHits = false) {
    return this.#page<ExchangeLine>(exchangePage, { workspaceId, selection, place, limit, withHits });
  }

  /** As `lines`, with everything that is on record of each. */
  records(workspaceId: string, selection: Selection, place: Place, limit: number) {
    return this.#page<ExchangeRecord>(exchangeRecords, { workspaceId, selection, place, limit, withHits: false });
  }

  async #page<Item extends ExchangeCursor>(read: Read<Item>, wish: Wish): Promise<SelectedPage<Item>> {
    const { workspaceId, selection, place, limit } = wish;
    if (selection.text !== null) return this.#searched(read, { ...wish, text: selection.text });
    const direction = place?.direction ?? 'older';
    const rows = await read(
      workspaceId,
      await filterOf(workspaceId, selection),
      place?.from ?? null,
      limit + 1,
      direction,
    );
    const items = rows.slice(0, limit);
    return pageOf(items, place, rows.length > limit ? (items.at(-1) ?? null) : null, null);
  }

  async #searched<Item extends ExchangeCursor>(read: Read<Item>, wish: Wish & { readonly text: string }) {
    const { workspaceId, selection, place, limit, text, withHits } = wish;
    const isIndexed = await this.#parts.indexer.catchUp(CATCH_UP_MS);
    const { found, reached, takenAs } = await this.#parts.search.find({
      text,
      among: allowedAmong(workspaceId, await filterOf(workspaceId, selection)),
      from: place?.from ?? null,
      direction: place?.direction ?? 'older',
      limit: limit + 1,
      withHits,
    });
    const isMore = found.length > limit;
    const ids = found.slice(0, limit).map(({ id }) => id);
    const byId = new Map((await read(workspaceId, { ids }, null, limit, 'older')).map((item) => [item.id, item]));
    const items = ids.flatMap((id) => byId.get(id) ?? []);
    const hits = new Map(found.flatMap(({ id, hit }) => (hit ? [[id, hit] as const] : [])));
    const next = isMore ? (items.at(-1) ?? reached) : reached;
    return pageOf(items, place, next, {
      hits,
      takenAs,
      isIndexed,
      reached: isMore ? null : (reached?.startedAt ?? null),
    });
  }
}

interface Wish {
  readonly workspaceId: string;
  readonly selection: Selection;
  readonly place: Place;
  readonly limit: number;
  readonly withHits: boolean;
}

async function filterOf(workspaceId: string, { filter, connection }: Selection): Promise<ExchangeFilter> {
  return connection === undefined ? filter : { ...filter, ...(await exchangesOfSlug(workspaceId, connection)) };
}

/** `next` is where the direction it was read in goes on. The other one always does: from there somebody came. */
function pageOf<Item extends ExchangeCursor>(
  items: readonly Item[],
  place: Place,
  next: ExchangeCursor | null,
  search: Searched | null,
): SelectedPage<Item> {
  const back = place ? (items[0] ?? null) : null;
  if (place?.direction === 'newer') return { items: items.toReversed(), older: back, newer: next, search };
  return { items, older: next, newer: back, search };
}
