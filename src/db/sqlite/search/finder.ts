import { zstdDecompressSync } from 'node:zlib';
import type { Database } from 'better-sqlite3';
import type { HeaderPairs } from '../../../kernel/headers.ts';
import type { Found, Hit, SearchReply, SearchWish, TakenAs } from '../../../kernel/search.ts';
import { searchDocument, type SearchedSide } from '../../../kernel/search-document.ts';
import { CHUNK_BYTES } from '../../../model/body-chunk.ts';
import { hitIn } from './hit.ts';
import { placeId, placeNumber } from './place-id.ts';
import { hasShortBeginning, isTooBroad, type Phrase, phrasesOf, plainQuery } from './query-words.ts';

/** Matches that are looked at together: few at first, since the first page is most often full by then. */
const FIRST_BATCH = 128;
const LARGEST_BATCH = 2048;

/** Numbers of one millisecond, as the migration gives them. */
const PLACES = 1024n;

interface Entry {
  readonly number: bigint;
  readonly id: string;
}

/** How long a search may go on, and how long it may go on looking for where the text stands, in milliseconds. */
export interface Limits {
  readonly findMs: number;
  readonly hitsMs: number;
}

/** Searches one open database. Takes as long as the limits say and holds up whoever calls it. */
export class Finder {
  readonly #database: Database;
  readonly #limits: Limits;

  constructor(database: Database, limits: Limits) {
    this.#database = database;
    this.#limits = limits;
  }

  find(wish: SearchWish): SearchReply {
    const { query, takenAs } = this.#queryOf(wish.text);
    if (takenAs === 'nothing') return { found: [], reached: null, takenAs };
    const { entries, reached } = this.#entries(query, wish);
    const phrases = wish.withHits ? phrasesOf(query) : [];
    return { found: this.#withHits(entries, phrases), reached: reached && placeOf(reached), takenAs };
  }

  /** The text where FTS5 takes it, else its words as they stand. */
  #queryOf(text: string): { readonly query: string; readonly takenAs: TakenAs } {
    const typed = text.replaceAll('\0', ' ');
    if (!isTooBroad(typed) && phrasesOf(typed).length > 0 && this.#isQuery(typed))
      return { query: typed, takenAs: 'query' };
    const query = plainQuery(typed);
    if (query === '') return { query, takenAs: 'nothing' };
    return { query, takenAs: hasShortBeginning(typed) ? 'words-for-beginnings' : 'words' };
  }

  #isQuery(text: string): boolean {
    try {
      // Of no row at all: it is the query that is tried.
      this.#database.prepare(`select 1 from search_text where search_text match ? and rowid = -1`).all(text);
      return true;
    } catch (error) {
      if ((error as { code?: unknown }).code === 'SQLITE_ERROR') return false;
      throw error;
    }
  }

  #entries(query: string, wish: SearchWish): { readonly entries: readonly Entry[]; readonly reached: Entry | null } {
    const until = performance.now() + this.#limits.findMs;
    const next = this.#nextMatches(query, wish);
    const allowed = this.#database.prepare(wish.among.sql).pluck();
    const entries: Entry[] = [];
    let from = this.#numberOf(wish);
    for (let size = FIRST_BATCH; ; size = Math.min(2 * size, LARGEST_BATCH)) {
      const matches = next(from, size);
      const ids = JSON.stringify(matches.map(({ id }) => id));
      const passing = new Set(allowed.all(...wish.among.parameters, ids));
      for (const match of matches) {
        if (!passing.has(match.id)) continue;
        entries.push(match);
        if (entries.length === wish.limit) return { entries, reached: match };
      }
      const last = matches.at(-1);
      if (!last || matches.length < size) return { entries, reached: null };
      if (performance.now() > until) return { entries, reached: passing.has(last.id) ? last : nameless(last) };
      from = last.number;
    }
  }

  #nextMatches(query: string, { direction }: SearchWish) {
    const [than, order] = direction === 'older' ? ['<', 'desc'] : ['>', 'asc'];
    const statement = this.#database
      .prepare<[string, bigint, number], Entry>(
        `select found.number, search_entry.exchange_id as id
           from (select rowid as number from search_text
                  where search_text match ? and rowid ${than} ? order by rowid ${order} limit ?) as found
           cross join search_entry on search_entry.number = found.number
          order by found.number ${order}`,
      )
      .safeIntegers();
    const edge = direction === 'older' ? 2n ** 62n : -1n;
    return (from: bigint | null, size: number) => statement.all(query, from ?? edge, size);
  }

  /** Its number; where it was deleted since, one that leaves out none of its millisecond. */
  #numberOf({ from, direction }: SearchWish): bigint | null {
    if (!from) return null;
    const named = placeNumber(from.id);
    if (named !== null) return named;
    const known = this.#database
      .prepare<[string], bigint>('select number from search_entry where exchange_id = ?')
      .pluck()
      .safeIntegers()
      .get(from.id);
    if (known !== undefined) return known;
    const first = BigInt(from.startedAt.getTime()) * PLACES;
    return direction === 'older' ? first + PLACES : first - 1n;
  }

  #withHits(entries: readonly Entry[], phrases: readonly Phrase[]): Found[] {
    const until = performance.now() + this.#limits.hitsMs;
    return entries.map(({ id }) => ({
      id,
      hit: phrases.length > 0 && performance.now() < until ? this.#hit(id, phrases) : null,
    }));
  }

  #hit(id: string, phrases: readonly Phrase[]): Hit | null {
    const row = this.#database.prepare<[string], ExchangeRow>(`select * from exchange where id = ?`).get(id);
    if (!row) return null;
    const request = this.#side(row.request_headers, row.request_body, row.request_body_id);
    const response = this.#side(row.response_headers, row.response_body, row.response_body_id);
    return hitIn(searchDocument(row, request, response), phrases);
  }

  #side(headers: string | null, facts: string | null, bodyId: string | null): SearchedSide {
    const known = facts === null ? null : (JSON.parse(facts) as BodyFacts);
    return {
      headers: headers === null ? [] : (JSON.parse(headers) as HeaderPairs),
      facts: known,
      bytes: bodyId === null ? null : this.#firstChunk(bodyId),
      isPart: known !== null && (known.truncated || known.bytes > CHUNK_BYTES),
    };
  }

  #firstChunk(bodyId: string): Uint8Array | null {
    const chunk = this.#database
      .prepare<[string], { coding: string; content: Buffer }>(
        'select coding, content from body_chunk where body_id = ? and position = 0',
      )
      .get(bodyId);
    if (!chunk || chunk.coding === 'identity') return chunk?.content ?? null;
    try {
      return zstdDecompressSync(chunk.content, { maxOutputLength: CHUNK_BYTES });
    } catch {
      // Whoever opens the exchange is told that its body is damaged.
      return null;
    }
  }
}

/** The place of an exchange that was not to be found: of another workspace, or beside the filters. */
function nameless({ number }: Entry): Entry {
  return { number, id: placeId(number) };
}

function placeOf({ id, number }: Entry) {
  return { id, startedAt: new Date(Number(number / PLACES)) };
}

interface BodyFacts {
  readonly bytes: number;
  readonly sha256: string;
  readonly wireSha256?: string;
  readonly truncated: boolean;
}

interface ExchangeRow {
  readonly method: string;
  readonly url: string;
  readonly request_headers: string;
  readonly request_body: string | null;
  readonly request_body_id: string | null;
  readonly response_headers: string | null;
  readonly response_body: string | null;
  readonly response_body_id: string | null;
}
