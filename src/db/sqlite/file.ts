import { closeSync, existsSync, mkdirSync, openSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import BetterSqlite, { type Database } from 'better-sqlite3';
import { DatabaseTooNew, DatabaseUnusable } from '../errors.ts';
import { sqliteCode, whenFree } from './busy.ts';

/** The first bytes of every SQLite file (file format, section 1.2). */
export const MAGIC = Buffer.from('SQLite format 3\0', 'latin1');

/** SQLite's number for `auto_vacuum = INCREMENTAL`. */
const INCREMENTAL = 2;
const WAL_LIMIT_BYTES = 64 * 1024 * 1024;
const PAGE_BYTES = 4096;

/** Waits for another process's lock while a database is opened. */
const OPENING_LIMIT_MS = 30_000;

/**
 * Makes sure that the file may be ours to write: throws `DatabaseUnusable` for anything that is no SQLite database, and
 * `DatabaseTooNew` when its migrations are not all in `known`. Changes nothing; a missing file is made, for its owner only.
 */
export async function checkFile(path: string, known: readonly string[]): Promise<void> {
  makeFile(path);
  const start = Buffer.alloc(MAGIC.length);
  const bytes = readStart(path, start);
  if (bytes === 0) return;
  if (!start.equals(MAGIC)) throw new DatabaseUnusable(`${path} is not a SQLite database. Nothing was changed.`);
  const applied = await whenFree(() => appliedMigrations(path), OPENING_LIMIT_MS).catch((error: unknown) => {
    const code = sqliteCode(error);
    if (!code) throw error;
    throw new DatabaseUnusable(`${path} cannot be read as a database (${code}).`, { cause: error });
  });
  const unknown = applied.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new DatabaseTooNew(path, unknown);
}

/** Opens the file for the engine, with the settings of `docs/reliability.md`. Waits for locks without blocking. */
export async function openFile(path: string, durability: 'full' | 'normal'): Promise<Database> {
  // better-sqlite3's own waiting would hold the event loop.
  const database = new BetterSqlite(path, { timeout: 0 });
  try {
    await whenFree(() => vacuumByPieces(database), OPENING_LIMIT_MS);
    for (const pragma of pragmas(durability)) await whenFree(() => database.pragma(pragma), OPENING_LIMIT_MS);
    return database;
  } catch (error) {
    database.close();
    throw new DatabaseUnusable(`${path} cannot be opened as a database.`, { cause: error });
  }
}

function pragmas(durability: 'full' | 'normal'): string[] {
  return [
    'journal_mode = WAL',
    `synchronous = ${durability.toUpperCase()}`,
    'foreign_keys = ON',
    `journal_size_limit = ${WAL_LIMIT_BYTES}`,
    // A server has a thread that does so (`upkeep.ts`); this is for when that cannot keep up, and for commands.
    `wal_autocheckpoint = ${WAL_LIMIT_BYTES / PAGE_BYTES}`,
    'temp_store = MEMORY',
    'trusted_schema = OFF',
    // What was deleted is overwritten, and not only forgotten.
    'secure_delete = ON',
  ];
}

/** Takes effect only before the first table, and takes the write lock: whoever has it may keep it for long. */
function vacuumByPieces(database: Database): void {
  if (database.pragma('auto_vacuum', { simple: true }) !== INCREMENTAL) database.pragma('auto_vacuum = INCREMENTAL');
}

function makeFile(path: string): void {
  try {
    if (existsSync(path)) return;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    closeSync(openSync(path, 'a', 0o600));
  } catch (error) {
    throw new DatabaseUnusable(`No database can be made at ${path}.`, { cause: error });
  }
}

function readStart(path: string, into: Buffer): number {
  try {
    const file = openSync(path, 'r');
    try {
      return readSync(file, into, 0, into.length, 0);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw new DatabaseUnusable(`${path} cannot be read.`, { cause: error });
  }
}

function appliedMigrations(path: string): string[] {
  const database = new BetterSqlite(path, { timeout: 0, readonly: true });
  try {
    const table = database.prepare(`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'migration'`).get();
    if (!table) return [];
    return database
      .prepare<[], { name: string }>('SELECT name FROM migration')
      .all()
      .map(({ name }) => name);
  } finally {
    database.close();
  }
}
