import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import BetterSqlite, { type Database } from 'better-sqlite3';
import { sqliteCode, whenFree } from './busy.ts';
import { MAGIC } from './file.ts';
import { migrations } from './migrations/index.ts';

/** A process that entered the database and has not left; whether it lives is for its lock to say. */
export interface EnteredInstance {
  readonly id: string;
  readonly version: string;
  readonly pid: number;
}

/** What a database file holds, as far as it can be told without changing anything. */
export interface Inspection {
  /** `empty`: nobody has migrated it yet; `foreign`: no database of ours. */
  readonly state: 'missing' | 'empty' | 'foreign' | 'unreadable' | 'ours';
  /** SQLite's or the system's name for what went wrong, where it is `unreadable`. */
  readonly code: string | null;
  readonly applied: readonly string[];
  readonly pending: readonly string[];
  /** Migrations of a newer version. */
  readonly unknown: readonly string[];
  readonly instances: readonly EnteredInstance[];
}

/** How sound a database of ours is, and what it knows of the world outside. */
export interface Examination {
  readonly journalMode: string;
  /** What `PRAGMA quick_check` says first; `ok` where nothing is wrong. */
  readonly check: string;
  /** Key ids and check values of the keys that sealed here. */
  readonly keyChecks: readonly { readonly kid: string; readonly value: string }[];
  /** Where tokens are asked for, each once, with the slugs of the connections that do. */
  readonly tokenUrls: readonly { readonly url: string; readonly connections: readonly string[] }[];
  /** How much all workspaces have on record; null in a database that does not keep count yet. */
  readonly record: RecordTotals | null;
}

/** What stands on record, and what is left of what was removed. */
export interface RecordTotals {
  readonly exchanges: number;
  readonly bodies: number;
  readonly bodyBytes: number;
  /** In pages that hold something, whatever it is: what `RETENTION_BYTES` counts. */
  readonly usedBytes: number;
  /** In pages that hold nothing. */
  readonly freeBytes: number;
}

const BUSY_LIMIT_MS = 5_000;
const NOTHING = { code: null, applied: [], pending: migrations.map(({ name }) => name), unknown: [], instances: [] };

/** Looks at the file without making or changing any, the files of its WAL included. Throws `DatabaseBusy`. */
export async function inspectFile(path: string): Promise<Inspection> {
  try {
    const size = statSync(path, { throwIfNoEntry: false })?.size;
    if (size === undefined) return { ...NOTHING, state: 'missing' };
    if (size === 0) return { ...NOTHING, state: 'empty' };
    if (!startOf(path).equals(MAGIC)) return { ...NOTHING, state: 'foreign' };
    return await whenFree(() => reading(path, inspected), BUSY_LIMIT_MS);
  } catch (error) {
    const code = sqliteCode(error) ?? systemCode(error);
    if (code === null) throw error;
    return { ...NOTHING, state: 'unreadable', code };
  }
}

/**
 * Reads the whole file through, which takes its time, and changes nothing. For a file that is `ours`. Throws
 * `DatabaseBusy`.
 */
export async function examineFile(path: string): Promise<Examination> {
  try {
    return await whenFree(() => reading(path, examined), BUSY_LIMIT_MS);
  } catch (error) {
    const code = sqliteCode(error);
    if (code === null) throw error;
    return { journalMode: 'wal', check: code, keyChecks: [], tokenUrls: [], record: null };
  }
}

/** Reads in a file that is there, and leaves none behind that was not. */
function reading<T>(path: string, read: (database: Database) => T): T {
  const database = openUntouched(path);
  try {
    return read(database);
  } finally {
    database.close();
  }
}

/**
 * A reader that is alone makes the files of the WAL and, being a mere reader, leaves them. One that might write takes
 * them away again; it is told not to write. Where there is a WAL it stays as it is.
 */
export function openUntouched(path: string): Database {
  const isAtRest = !existsSync(`${path}-wal`) && !existsSync(`${path}-journal`);
  if (!isAtRest) return new BetterSqlite(path, { readonly: true, timeout: 0 });
  const database = new BetterSqlite(path, { fileMustExist: true, timeout: 0 });
  database.pragma('query_only = ON');
  return database;
}

function inspected(database: Database): Inspection {
  const names = database.prepare("select name from sqlite_master where type = 'table'").pluck().all() as string[];
  if (!names.includes('migration')) return { ...NOTHING, state: names.length === 0 ? 'empty' : 'foreign' };
  const applied = database.prepare('select name from migration order by id').pluck().all() as string[];
  const known: string[] = migrations.map(({ name }) => name);
  return {
    state: applied.length === 0 ? 'empty' : 'ours',
    code: null,
    applied,
    pending: known.filter((name) => !applied.includes(name)),
    unknown: applied.filter((name) => !known.includes(name)),
    instances: names.includes('instance')
      ? (database.prepare('select id, version, pid from instance order by id').all() as EnteredInstance[])
      : [],
  };
}

function examined(database: Database): Examination {
  const meta = database.prepare("select key, value from meta where key like 'key-check:%'").all() as Fact[];
  const byUrl = database
    .prepare(
      `select auth ->> 'tokenUrl' as url, json_group_array(slug) as slugs from connection
       where auth ->> 'tokenUrl' is not null group by 1 order by 1`,
    )
    .all() as { readonly url: string; readonly slugs: string }[];
  return {
    journalMode: String(database.pragma('journal_mode', { simple: true })),
    check: String(database.pragma('quick_check(1)', { simple: true })),
    keyChecks: meta.map(({ key, value }) => ({ kid: key.slice('key-check:'.length), value })),
    tokenUrls: byUrl.map(({ url, slugs }) => ({ url, connections: JSON.parse(slugs) as string[] })),
    record: recordTotals(database),
  };
}

function recordTotals(database: Database): RecordTotals | null {
  const isCounted = database.prepare("select 1 from sqlite_master where type = 'table' and name = 'record_size'").get();
  if (!isCounted) return null;
  const totals = database
    .prepare(
      `select total(exchanges) as exchanges, total(bodies) as bodies, total(body_bytes) as bodyBytes from record_size`,
    )
    .get() as Omit<RecordTotals, 'usedBytes' | 'freeBytes'>;
  const number = (name: string) => Number(database.pragma(name, { simple: true }));
  const [all, free, page] = [number('page_count'), number('freelist_count'), number('page_size')];
  return { ...totals, usedBytes: (all - free) * page, freeBytes: free * page };
}

interface Fact {
  readonly key: string;
  readonly value: string;
}

function startOf(path: string): Buffer {
  const start = Buffer.alloc(MAGIC.length);
  const file = openSync(path, 'r');
  try {
    readSync(file, start, 0, start.length, 0);
    return start;
  } finally {
    closeSync(file);
  }
}

function systemCode(error: unknown): string | null {
  return Error.isError(error) && 'code' in error && typeof error.code === 'string' && 'syscall' in error
    ? error.code
    : null;
}
