import BetterSqlite from 'better-sqlite3';
import type { Migration } from '@mikro-orm/migrations';
import { describe, expect, test } from '@jest/globals';
import { migrations } from '../../../src/db/sqlite/migrations/index.ts';

const NAME = '20261129000500-packed-bodies';

async function apply(database: BetterSqlite.Database, names: readonly string[]): Promise<void> {
  for (const { name, class: Step } of migrations) {
    if (!names.includes(name)) continue;
    const step: Migration = new Step(undefined as never, undefined as never);
    await step.up();
    for (const query of step.getQueries()) database.exec(query as string);
  }
}

describe('A database from before bodies were packed', () => {
  test('keeps its bodies as they are, and counts them as before', async () => {
    const database = new BetterSqlite(':memory:');
    await apply(
      database,
      migrations.map(({ name }) => name).filter((name) => name < NAME),
    );
    database.exec(`insert into body (id, workspace_id, sha256, bytes, created_at) values ('b', 'w', 'aa', 5000, 0)`);
    database.exec(
      `insert into body_chunk (id, workspace_id, body_id, position, content) values ('c', 'w', 'b', 0, x'00')`,
    );

    await apply(database, [NAME]);

    const one = (sql: string) => database.prepare(sql).get();
    expect(one('select coding, content from body_chunk')).toEqual({ coding: 'identity', content: Buffer.of(0) });
    expect(one('select bytes, stored_bytes from body')).toEqual({ bytes: 5000, stored_bytes: 5000 });
    expect(one('select bodies, body_bytes from record_size')).toEqual({ bodies: 1, body_bytes: 5000 });
    database.exec(`delete from body where id = 'b'`);
    expect(one('select bodies, body_bytes from record_size')).toEqual({ bodies: 0, body_bytes: 0 });
    database.close();
  });
});
