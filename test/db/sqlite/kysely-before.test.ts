import { describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import * as mended from 'kysely';
import * as before from 'kysely-before-mended';

const PATIENCE_MS = 1_000;

/**
 * A transaction that SQLite ends by itself, as it does on a full disk, so that rolling it back fails too; and then one
 * more query. Begun and ended by hand, as MikroORM does.
 */
async function afterFailedRollback({ Kysely, SqliteDialect, CompiledQuery }: typeof mended): Promise<unknown> {
  const database = new Database(':memory:');
  database.exec('create table once (id integer primary key); insert into once values (1)');
  const kysely = new Kysely<object>({ dialect: new SqliteDialect({ database }) });
  const open = await kysely.startTransaction().execute();
  const insert = open.executeQuery(CompiledQuery.raw('insert or rollback into once values (1)'));
  await expect(insert).rejects.toThrow('UNIQUE constraint failed');
  await expect(open.rollback().execute()).rejects.toThrow('no transaction is active');

  const late = Promise.withResolvers<'hangs'>();
  const timer = setTimeout(() => late.resolve('hangs'), PATIENCE_MS);
  const next = kysely.executeQuery(CompiledQuery.raw('select 1')).then(
    () => 'answers',
    () => 'answers',
  );
  return Promise.race([next, late.promise]).finally(() => clearTimeout(timer));
}

describe('After a rollback that failed', () => {
  test('the Kysely that MikroORM pins hangs for ever, so it is overridden', async () => {
    expect(await afterFailedRollback(before as unknown as typeof mended)).toBe('hangs');
  });

  test('the one we use answers', async () => {
    expect(await afterFailedRollback(mended)).toBe('answers');
  });
});
