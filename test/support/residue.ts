import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { eachWord } from '../../src/db/sqlite/search/query-words.ts';
import { keptChunks, packedIn } from './packed.ts';

/** A place that was searched, by name, and what stood in it. */
export interface Place {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Every file of a folder and the folders in it, but those named, and beside each what is packed in it. */
export async function filesOf(folder: string, except: readonly string[]): Promise<Place[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile() && !except.includes(entry.name));
  const read = files.map(async ({ parentPath, name }) => {
    const bytes = await readFile(join(parentPath, name));
    const packed = packedIn(bytes);
    return [{ name, bytes }, ...(packed.length > 0 ? [{ name: `packed in ${name}`, bytes: packed }] : [])];
  });
  return (await Promise.all(read)).flat();
}

/** Every value of a database, row by row, and bodies unpacked and put together: in the file itself a long value lies in pieces. */
export function valuesOf(databaseFile: string): Place[] {
  const database = new Database(databaseFile, { readonly: true });
  try {
    const tables = database.prepare("select name from sqlite_master where type = 'table'").pluck().all() as string[];
    return tables.map((name) => {
      if (name === 'body_chunk') return { name: 'table body_chunk', bytes: Buffer.concat(keptChunks(databaseFile)) };
      const rows = database.prepare(`select * from "${name}"`).raw().all() as unknown[][];
      return { name: `table ${name}`, bytes: Buffer.concat(rows.flat().map(asBytes)) };
    });
  } finally {
    database.close();
  }
}

/** The words of the search's index, put together again as they stood: without case, accents and what stood between them. */
export function indexedWords(databaseFile: string): Place {
  const database = new Database(databaseFile, { readonly: true });
  try {
    database.exec("create virtual table temp.words using fts5vocab('main', 'search_text', 'instance')");
    const words = database.prepare('select term from words order by doc, col, offset').pluck().all() as string[];
    return { name: 'the index of words', bytes: Buffer.from(words.join(' ')) };
  } finally {
    database.close();
  }
}

/** A text as it would stand there. */
export function asIndexed(text: string): string {
  return [...eachWord(text)].map(({ folded }) => folded).join(' ');
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
