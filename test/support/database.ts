import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase, type Database, type DatabaseOptions } from '../../src/db/orm.ts';

/** A migrated database in a folder of its own; close it with `await using`. One at a time in a test file. */
export interface TestDatabase extends AsyncDisposable {
  readonly database: Database;
  readonly folder: string;
  readonly path: string;
}

/** Opens a fresh SQLite file in a temporary folder and migrates it. */
export async function openTestDatabase(options: Partial<Omit<DatabaseOptions, 'url'>> = {}): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'callbook-'));
  const path = join(folder, 'callbook.db');
  const database = await openDatabase({ url: `sqlite:${path}`, durability: 'normal', ...options });
  await database.migrate();
  return {
    database,
    folder,
    path,
    async [Symbol.asyncDispose]() {
      await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
