import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';

/** A place that was searched, by name, and what stood in it. */
export interface Place {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Every file of a folder and the folders in it, but those named. */
export async function filesOf(folder: string, except: readonly string[]): Promise<Place[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile() && !except.includes(entry.name));
  return Promise.all(
    files.map(async ({ parentPath, name }) => ({ name, bytes: await readFile(join(parentPath, name)) })),
  );
}

/** Every value of a database, row by row, and bodies put together: in the file itself a long value lies in pieces. */
export function valuesOf(databaseFile: string): Place[] {
  const database = new Database(databaseFile, { readonly: true });
  try {
    const tables = database.prepare("select name from sqlite_master where type = 'table'").pluck().all() as string[];
    return tables.map((name) => {
      const order = name === 'body_chunk' ? ' order by body_id, position' : '';
      const rows = database.prepare(`select * from "${name}"${order}`).raw().all() as unknown[][];
      const parts = name === 'body_chunk' ? rows.map((row) => row.filter((value) => Buffer.isBuffer(value))) : rows;
      return { name: `table ${name}`, bytes: Buffer.concat(parts.flat().map(asBytes)) };
    });
  } finally {
    database.close();
  }
}

/** Moves what is in the log of writes into the database file. */
export function checkpoint(databaseFile: string): void {
  const database = new Database(databaseFile);
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.close();
}

/** `what in where` for every text that stands in a place. */
export function found(texts: Readonly<Record<string, readonly string[]>>, places: readonly Place[]): string[] {
  return Object.entries(texts).flatMap(([what, forms]) =>
    places.filter(({ bytes }) => forms.some((form) => bytes.includes(form))).map(({ name }) => `${what} in ${name}`),
  );
}

function asBytes(value: unknown): Buffer {
  return Buffer.isBuffer(value) ? value : Buffer.from(`${String(value)}\n`);
}
