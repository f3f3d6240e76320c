import { statSync } from 'node:fs';
import BetterSqlite from 'better-sqlite3';
import { describe, expect, test } from '@jest/globals';
import { Upkeep } from '../../../src/db/sqlite/upkeep.ts';
import { openTestDatabase } from '../../support/database.ts';

const FRAMES = `pragma wal_checkpoint(NOOP)`;

describe('the log of writes', () => {
  test('is moved into the file where it has grown, and not before', async () => {
    await using opened = await openTestDatabase();
    const writer = new BetterSqlite(opened.path);
    writer.pragma('wal_autocheckpoint = 0');
    const write = (mebibytes: number) =>
      writer.transaction(() => {
        const add = writer.prepare(`insert into meta (key, value) values (?, ?)`);
        const from = Number(writer.prepare('select count(*) from meta').pluck().get());
        for (let at = 0; at < mebibytes; at += 1) add.run(`many-${from + at}`, 'x'.repeat(2 ** 20));
      })();
    const left = () => {
      const { log, checkpointed } = writer.prepare(FRAMES).get() as { log: number; checkpointed: number };
      return log - checkpointed;
    };
    const upkeep = new Upkeep(opened.path);
    write(1);
    expect(await upkeep.checkpoint()).toBe(false);
    expect(left()).toBeGreaterThan(200);

    write(6);
    expect(await upkeep.checkpoint()).toBe(true);
    expect(left()).toBe(0);
    expect(statSync(opened.path).size).toBeGreaterThan(7 * 2 ** 20);

    write(1);
    expect(await upkeep.checkpoint()).toBe(false);
    expect(left()).toBeGreaterThan(200);
    await upkeep.close();
    writer.close();
  });

  test('of a server goes there by itself', async () => {
    await using opened = await openTestDatabase();
    const writer = new BetterSqlite(opened.path);
    writer.pragma('wal_autocheckpoint = 0');
    writer.prepare(`insert into meta (key, value) values ('long', ?)`).run('x'.repeat(8 * 2 ** 20));
    expect(await opened.database.checkpoint()).toBe(true);
    expect(writer.prepare(FRAMES).get()).toMatchObject({ busy: 0 });
    writer.close();
    await opened.database.close();
    expect(await opened.database.checkpoint()).toBe(false);
  });
});
