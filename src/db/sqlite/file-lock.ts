import { existsSync, rmSync, statSync } from 'node:fs';
import BetterSqlite, { type Database } from 'better-sqlite3';
import { isBusy, whenFree } from './busy.ts';

/**
 * A lock that the operating system takes away with the process that holds it: an empty SQLite file, locked exclusively.
 * Nobody may open such a file otherwise, because closing it would give the lock away.
 */
export class FileLock {
  readonly #path: string;
  readonly #database: Database;

  private constructor(path: string, database: Database) {
    this.#path = path;
    this.#database = database;
  }

  /** Takes the lock, making the file if need be. Throws `DatabaseBusy` after `limitMs`. */
  static async take(path: string, limitMs: number): Promise<FileLock> {
    for (;;) {
      const database = await whenFree(() => lockFile(path, false), limitMs);
      const lock = new FileLock(path, database);
      // Somebody who found the file unlocked a moment before us may have removed it.
      if (isThere(path)) return lock;
      database.close();
    }
  }

  /** True when nobody holds the lock; then its file is removed. */
  static async clearIfFree(path: string): Promise<boolean> {
    if (!existsSync(path)) return true;
    try {
      new FileLock(path, lockFile(path, true)).drop();
      return true;
    } catch (error) {
      if (isBusy(error)) return false;
      if (!existsSync(path)) return true;
      throw error;
    }
  }

  /** Gives the lock back and leaves the file for the next one who wants it. */
  release(): void {
    this.#database.close();
  }

  /** Removes the file and gives the lock back. */
  drop(): void {
    rmSync(this.#path, { force: true });
    this.#database.close();
  }
}

function lockFile(path: string, fileMustExist: boolean): Database {
  const database = new BetterSqlite(path, { timeout: 0, fileMustExist });
  try {
    // Nothing is ever written, so a journal would only be one more file to lie about.
    database.pragma('journal_mode = MEMORY');
    database.exec('BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
