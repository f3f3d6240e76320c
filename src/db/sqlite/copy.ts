import { closeSync, openSync, rmSync } from 'node:fs';
import BetterSqlite from 'better-sqlite3';
import { DatabaseUnusable, NoNewFile } from '../errors.ts';
import { synced } from '../synced.ts';
import { sqliteCode, whenFree } from './busy.ts';
import { openUntouched } from './inspection.ts';

/** How far a copy has come, in bytes. */
export interface CopyProgress {
  readonly done: number;
  readonly total: number;
}

const BUSY_LIMIT_MS = 5_000;
/** 4 MiB of 4 KiB pages: the event loop turns, and progress is told, between two of them. */
const PAGES_A_STEP = 1_024;

/**
 * Copies the database at `from` to a new file `to`, with the state of one moment, while others go on writing. The copy
 * is sound and on the disk when this resolves; where it fails no file is left. Throws `DatabaseUnusable`, as
 * `NoNewFile` too, and `DatabaseBusy`.
 */
export async function copyDatabase(from: string, to: string, tell: (progress: CopyProgress) => void): Promise<void> {
  makeNew(to);
  try {
    await copyPages(from, to, tell);
    atRest(to);
    synced(openSync(to, 'r+'));
  } catch (error) {
    removeDatabase(to);
    const code = sqliteCode(error);
    if (code === null) throw error;
    throw new DatabaseUnusable(`${from} could not be copied (${code}). No copy was left.`, { cause: error });
  }
}

/** Removes a database's file and those of its WAL. */
export function removeDatabase(path: string): void {
  for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true });
}

async function copyPages(from: string, to: string, tell: (progress: CopyProgress) => void): Promise<void> {
  const source = openUntouched(from);
  try {
    const pageSize = Number(source.pragma('page_size', { simple: true }));
    // Without a read transaction of our own the copy would begin anew whenever somebody writes.
    source.exec('BEGIN');
    await whenFree(() => source.prepare('SELECT count(*) FROM sqlite_schema').get(), BUSY_LIMIT_MS);
    await source.backup(to, {
      progress({ totalPages, remainingPages }) {
        tell({ done: (totalPages - remainingPages) * pageSize, total: totalPages * pageSize });
        return PAGES_A_STEP;
      },
    });
  } finally {
    source.close();
  }
}

/** Reads the copy through. Its WAL is folded in, so that it is one file. */
function atRest(path: string): void {
  const copy = new BetterSqlite(path, { fileMustExist: true, timeout: 0 });
  try {
    const found = String(copy.pragma('quick_check(1)', { simple: true }));
    if (found !== 'ok') throw new DatabaseUnusable(`The database is damaged: ${found}.`);
  } finally {
    copy.close();
  }
}

function makeNew(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    throw new NoNewFile(path, error);
  }
}
