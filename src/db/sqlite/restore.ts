import { copyFileSync, existsSync, linkSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { epochPathOf } from '../epoch-file.ts';
import { syncFolder } from '../synced.ts';
import { copyDatabase, type CopyProgress, removeDatabase } from './copy.ts';
import { whileAlone } from './instances.ts';

/** What goes where. */
export interface Restoration {
  /** A sound database of ours, which stays as it is. */
  readonly backup: string;
  /** The database's file, where there may be none yet. */
  readonly path: string;
  /** A name for the database that was there. */
  readonly aside: string;
}

/**
 * Puts a copy of a backup in the place of the database, which is kept under another name; tells whether there was one.
 * The copy is made and read through first, and takes the place in one step. Throws `DatabaseInUse`, `DatabaseBusy` and
 * `DatabaseUnusable`; the database is as it was then.
 */
export function restoreDatabase(
  { backup, path, aside }: Restoration,
  tell: (progress: CopyProgress) => void,
): Promise<{ readonly hadOne: boolean }> {
  return whileAlone(path, async () => {
    const copy = `${path}.restoring`;
    // What an earlier try may have left, cut off.
    removeDatabase(copy);
    await copyDatabase(backup, copy, tell);
    const hadOne = existsSync(path);
    if (hadOne) setAside(path, aside);
    // A database without its epoch file is taken for an older one at the next start: its refresh tokens may be spent.
    rmSync(epochPathOf(path), { force: true });
    renameSync(copy, path);
    syncFolder(dirname(path));
    return { hadOne };
  });
}

/** The old database gets a second name and keeps its first until the new one takes it. */
function setAside(path: string, aside: string): void {
  foldIn(path);
  try {
    linkSync(path, aside);
  } catch {
    // Not every file system has links.
    copyFileSync(path, aside);
  }
  for (const end of ['-wal', '-shm']) if (existsSync(path + end)) renameSync(path + end, aside + end);
}

/** Takes the WAL into the file. A damaged database, which may be why a backup is put back, keeps its WAL beside it. */
function foldIn(path: string): void {
  let database;
  try {
    database = new BetterSqlite(path, { fileMustExist: true, timeout: 0 });
    database.pragma('wal_checkpoint(TRUNCATE)');
  } catch {
    // It is set aside as it is.
  } finally {
    database?.close();
  }
}
