import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import BetterSqlite from 'better-sqlite3';
import { describe, expect, test } from '@jest/globals';
import { session, withSession } from '../../../src/db/session.ts';
import { isBusy } from '../../../src/db/sqlite/busy.ts';
import { DatabaseBusy } from '../../../src/kernel/errors.ts';
import { Connection } from '../../../src/model/connection.ts';
import { openTestDatabase } from '../../support/database.ts';
import { addConnection, connectionFields, OURS } from '../rows.ts';
import { startProcess } from './process.ts';

const count = () => withSession(OURS, () => session.count(Connection));
const insert = () => withSession(OURS, () => session.insert(Connection, connectionFields()));
const flush = () =>
  withSession(OURS, async () => {
    addConnection();
    await session.flush();
  });

describe('While another process holds the write lock', () => {
  test('single statements and transactions wait for it, and the event loop goes on', async () => {
    await using opened = await openTestDatabase();
    await using holder = startProcess('hold-lock.ts', opened.path);
    await holder.heard();
    const loop = monitorEventLoopDelay({ resolution: 5 });

    const start = performance.now();
    loop.enable();
    const writing = Promise.all([insert(), flush()]);
    await delay(1_500);
    await holder.end();
    await writing;
    loop.disable();

    expect(performance.now() - start).toBeGreaterThan(1_400);
    // A few milliseconds on a machine of one's own; the lock's 1,500 where the loop is held (see below).
    expect(loop.percentile(99) / 1e6).toBeLessThan(400);
    expect(await count()).toBe(2);
  });

  test('it is busy after the limit, nothing is lost, and the next query runs', async () => {
    await using opened = await openTestDatabase({ acquireTimeoutMs: 300 });
    await using holder = startProcess('hold-lock.ts', opened.path);
    await holder.heard();

    const start = performance.now();
    await expect(insert()).rejects.toThrow(DatabaseBusy);
    await expect(flush()).rejects.toThrow(DatabaseBusy);
    expect(performance.now() - start).toBeLessThan(5_000);
    expect(await count()).toBe(0);

    await holder.end();
    await insert();
    expect(await count()).toBe(1);
  });

  test('reads are not kept waiting', async () => {
    await using opened = await openTestDatabase({ acquireTimeoutMs: 300 });
    await using holder = startProcess('hold-lock.ts', opened.path);
    await holder.heard();

    expect(await count()).toBe(0);
  });

  test('better-sqlite3’s own waiting would have held the event loop', async () => {
    await using opened = await openTestDatabase();
    await using holder = startProcess('hold-lock.ts', opened.path);
    await holder.heard();
    const stock = new BetterSqlite(opened.path, { timeout: 200 });
    const loop = monitorEventLoopDelay({ resolution: 5 });
    loop.enable();
    await delay(20);

    expect(() => stock.exec('BEGIN IMMEDIATE')).toThrow(/locked/);
    await delay(20);
    loop.disable();
    stock.close();

    expect(loop.max / 1e6).toBeGreaterThan(150);
  });
});

describe('A transaction that reads before it writes', () => {
  test('never finds that another process wrote in between', async () => {
    await using opened = await openTestDatabase();
    await insert();

    await withSession(OURS, () =>
      session.transactional(async () => {
        const [row] = await session.find(Connection, {});
        const other = new BetterSqlite(opened.path, { timeout: 0 });
        expect(() => other.exec('BEGIN IMMEDIATE')).toThrow(/locked/);
        other.close();
        if (row) row.name = 'Read, then written';
      }),
    );

    expect((await withSession(OURS, () => session.find(Connection, {})))[0]?.name).toBe('Read, then written');
  });

  test('would fail where it begins without the write lock', async () => {
    await using opened = await openTestDatabase();
    const reader = new BetterSqlite(opened.path, { timeout: 0 });
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM connection').get();
    await insert();

    expect(() => reader.exec(`UPDATE connection SET name = 'late'`)).toThrow(
      expect.objectContaining({ code: 'SQLITE_BUSY_SNAPSHOT' }),
    );
    reader.close();
  });
});

describe('isBusy()', () => {
  test('tells a lock from other faults', () => {
    expect(isBusy(new BetterSqlite.SqliteError('x', 'SQLITE_BUSY_RECOVERY'))).toBe(true);
    expect(isBusy(new BetterSqlite.SqliteError('database is locked', 'SQLITE_FULL'))).toBe(false);
    expect(isBusy(new Error('SQLITE_BUSY'))).toBe(false);
  });
});
