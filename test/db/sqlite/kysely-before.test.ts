import { describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import * as mended from 'kysely';
import * as before from 'kysely-before-mended';

const PATIENCE_MS = 1_000;

/** A commit that fails in a transaction begun and ended by hand, as MikroORM does, and then one more query. */
async function afterFailedCommit({ Kysely, SqliteDialect, CompiledQuery }: typeof mended): Promise<unknown> {
  const database = new Database(':memory:');
  database.pragma('foreign_keys = ON');
  database.exec('create table parent (id integer primary key)');
  database.exec('create table child (parent integer references parent (id) deferrable initially deferred)');
  const kysely = new Kysely<object>({ dialect: new SqliteDialect({ database }) });
  const open = await kysely.startTransaction().execute();
  await open.executeQuery(CompiledQuery.raw('insert into child values (1)'));
  await expect(open.commit().execute()).rejects.toThrow('FOREIGN KEY constraint failed');

  const late = Promise.withResolvers<'hangs'>();
  const timer = setTimeout(() => late.resolve('hangs'), PATIENCE_MS);
  const next = kysely.executeQuery(CompiledQuery.raw('select 1')).then(
    () => 'answers',
    () => 'answers',
  );
  return Promise.race([next, late.promise]).finally(() => clearTimeout(timer));
}

describe('After a commit that failed', () => {
  test('the Kysely that MikroORM pins hangs for ever, so it is overridden', async () => {
    expect(await afterFailedCommit(before as unknown as typeof mended)).toBe('hangs');
  });

  test('the one we use answers', async () => {
    expect(await afterFailedCommit(mended)).toBe('answers');
  });
});
