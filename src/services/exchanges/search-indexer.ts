import { setImmediate as breathe } from 'node:timers/promises';
import { chunkAt } from '../../db/queries/bodies.ts';
import { indexExchange, type UnindexedExchange, unindexedExchanges } from '../../db/queries/search-entries.ts';
import { withSystem } from '../../db/system.ts';
import type { HeaderPairs } from '../../kernel/headers.ts';
import { searchDocument, type SearchDocument, type SearchedSide } from '../../kernel/search-document.ts';
import { CHUNK_BYTES } from '../../model/body-chunk.ts';
import type { RequestBodyFacts, ResponseBodyFacts } from '../../model/exchange.ts';
import { BodyDamaged, unpackChunk } from './packed-chunk.ts';
import { StepPace } from './step-pace.ts';

/** How often it is looked for exchanges that are not in the index. */
export const INDEX_MS = 1_000;
/** A turn ends after that; what is left waits for the next. A stop waits for the turn under way. */
const LONGEST_TURN_MS = 20_000;
const BY_TURNS_MS = 1_000;
/** A text of that length takes the index some milliseconds; others have their turn first. */
const LONG_TEXT = 16 * 1024;

interface Parts {
  /** Moves what was written into the database file, where that is much. */
  readonly checkpoint: () => Promise<unknown>;
  /** Merges about so many pages of the index, aside; true where more is left. */
  readonly merge: (pages: number) => Promise<boolean>;
}

/**
 * Looks after the index of words, in small steps: settled exchanges come in, and what has come in is merged. Two
 * processes may do so at once.
 */
export class SearchIndexer {
  readonly #parts: Parts;
  readonly #pace: StepPace;
  /** False where nothing came in since everything was merged: the thread that merges may never have to start. */
  #isMergeLeft = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#pace = new StepPace({ afterwards: parts.checkpoint });
  }

  /** One turn: indexes what waits, and merges, by turns: neither waits for long, however much there is of the other. */
  async tend(): Promise<void> {
    const until = performance.now() + LONGEST_TURN_MS;
    for (let isDone = false; !isDone && performance.now() < until;) {
      isDone = await this.catchUp(BY_TURNS_MS);
      if (this.#isMergeLeft) await this.compact(BY_TURNS_MS);
    }
  }

  /** Indexes what waits, the newest first, for about `limitMs`; false where some is left. */
  async catchUp(limitMs = LONGEST_TURN_MS): Promise<boolean> {
    const until = performance.now() + limitMs;
    for (;;) {
      const waiting = await withSystem(() => unindexedExchanges(this.#pace.rows));
      if (waiting.length === 0) return true;
      if (performance.now() >= until) return false;
      await withSystem(() => this.#index(waiting));
    }
  }

  /** Merges what came in, and takes the words of deleted exchanges out of the file where they are many, for about `limitMs`. */
  async compact(limitMs = LONGEST_TURN_MS): Promise<void> {
    const until = performance.now() + limitMs;
    const pace = new StepPace({ inTransaction: (work) => work(), afterwards: this.#parts.checkpoint });
    this.#isMergeLeft = true;
    while (this.#isMergeLeft && performance.now() < until)
      this.#isMergeLeft = await pace.step(() => this.#parts.merge(pace.rows));
  }

  async #index(waiting: readonly UnindexedExchange[]): Promise<void> {
    const documents: [number, SearchDocument][] = [];
    for (const exchange of waiting) documents.push([exchange.number, await documentOf(exchange)]);
    this.#isMergeLeft = true;
    await this.#pace.step(async () => {
      for (const [number, document] of documents) {
        if (document.request_body.length + document.response_body.length > LONG_TEXT) await breathe();
        await indexExchange(number, document);
      }
    });
  }
}

async function documentOf(exchange: UnindexedExchange): Promise<SearchDocument> {
  const { workspaceId, requestHeaders, requestBody, requestBodyId } = exchange;
  const { responseHeaders, responseBody, responseBodyId } = exchange;
  return searchDocument(
    exchange,
    await sideOf(workspaceId, requestHeaders, requestBody, requestBodyId),
    await sideOf(workspaceId, responseHeaders, responseBody, responseBodyId),
  );
}

async function sideOf(
  workspaceId: string,
  headers: HeaderPairs,
  facts: RequestBodyFacts | ResponseBodyFacts | null,
  bodyId: string | null,
): Promise<SearchedSide> {
  const bytes = bodyId === null ? null : await firstChunk(workspaceId, bodyId);
  return { headers, facts, bytes, isPart: facts !== null && (facts.truncated || facts.bytes > CHUNK_BYTES) };
}

/** Null also where it is gone or damaged: whoever reads that body is told, and the other words can still be found. */
async function firstChunk(workspaceId: string, bodyId: string): Promise<Uint8Array | null> {
  const stored = await chunkAt(workspaceId, bodyId, 0);
  if (!stored) return null;
  try {
    return await unpackChunk(stored, 0);
  } catch (error) {
    if (error instanceof BodyDamaged) return null;
    throw error;
  }
}
