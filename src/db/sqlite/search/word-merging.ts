import type { Database } from 'better-sqlite3';
import { isBusy } from '../busy.ts';

/** Whoever writes has the lock for some milliseconds. */
const LOCK_LIMIT_MS = 1000;

/**
 * Keeps the index of words in few segments, and rewrites those from which much was deleted, since only then are those
 * words gone from the file (FTS5's `merge`, `usermerge` and `deletemerge`). The index does none of that by itself: it
 * would do so in the commit of whoever wrote last.
 */
export class WordMerging {
  readonly #database: Database;
  /** The file's version when nothing was left to do. */
  #settled: unknown = null;

  constructor(database: Database) {
    // A merge that a power cut took is done again.
    for (const pragma of ['synchronous = NORMAL', 'secure_delete = ON', 'wal_autocheckpoint = 0'])
      database.pragma(pragma);
    this.#database = database;
  }

  /** Writes about so many pages; true where more is left, or where others had the lock all the time. */
  merge(pages: number): boolean {
    if (this.#version() === this.#settled) return false;
    this.#database.pragma(`busy_timeout = ${LOCK_LIMIT_MS}`);
    try {
      return this.#database.transaction(() => this.#mergeSome(pages)).immediate();
    } catch (error) {
      if (isBusy(error)) return true;
      throw error;
    } finally {
      this.#database.pragma('busy_timeout = 0');
    }
  }

  #mergeSome(pages: number): boolean {
    const version = this.#version();
    const before = this.#changes();
    this.#database
      .prepare(`insert into search_text (search_text, rank) values ('merge', cast(? as integer))`)
      .run(pages);
    // The command itself counts as one.
    const isLeft = this.#changes() - before > 1;
    this.#settled = isLeft ? null : version;
    return isLeft;
  }

  /** Another one whenever somebody else has written. */
  #version(): unknown {
    return this.#database.pragma('data_version', { simple: true });
  }

  #changes(): number {
    return Number(this.#database.prepare('select total_changes()').pluck().get());
  }
}
