import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { openDatabase } from '../../src/db/orm.ts';
import { withSystem } from '../../src/db/system.ts';
import { startProcess } from '../db/sqlite/process.ts';
import { openApi } from '../support/api.ts';
import { Client } from '../support/client.ts';
import { OWNER, type RunningApp, runApp } from '../support/running-app.ts';
import { callbook, ended, openFolder, startCallbook } from './callbook.ts';

describe('a command that finds the database locked', () => {
  test('waits for a lock that is held three seconds, and is done', async () => {
    await using api = await openApi();
    await using app = await runApp();
    const slug = await connected(app, api.origin);
    await using holder = startProcess('hold-lock.ts', join(app.folder, 'callbook.db'));
    await holder.heard();

    const child = startCallbook(['call', slug, 'POST', '/orders'], app);
    const end = ended(child);
    const early = await Promise.race([end.then(() => 'ended'), later(3_000)]);
    await holder.end();

    expect(early).toBe('waiting');
    expect(await end).toMatchObject({ code: 0 });
    expect(api.log).toHaveLength(1);
  }, 60_000);

  test('gives up on one that is held longer: 3, a sentence, and nothing sent', async () => {
    await using api = await openApi();
    await using app = await runApp();
    const slug = await connected(app, api.origin);
    await using holder = startProcess('hold-lock.ts', join(app.folder, 'callbook.db'));
    await holder.heard();

    const { code, out, err } = await callbook(['call', slug, 'POST', '/orders'], app);
    const looked = await callbook(['connections', 'list'], app);

    expect({ code, out }).toEqual({ code: 3, out: '' });
    expect(err).toMatch(/^The database is busy\. Nothing was written/m);
    expect(err).not.toMatch(/^\s+at /m);
    expect(api.log).toEqual([]);
    expect(looked).toMatchObject({ code: 0, out: expect.stringContaining(slug) });
  }, 60_000);
});

describe('a database of an older version', () => {
  test('is left as it is by commands, and by "migrate up" while a process of that version lives', async () => {
    await using older = await openOlder();
    const before = older.tables();

    const listed = await callbook(['connections', 'list'], older);
    const refused = await callbook(['migrate', 'up'], older);

    expect(listed).toMatchObject({ code: 3, out: '', err: expect.stringContaining('run "callbook migrate up"') });
    expect(refused).toMatchObject({ code: 3, out: '', err: expect.stringContaining(`process ${process.pid} (older)`) });
    expect(older.tables()).toEqual(before);

    await older.leave();
    const status = await callbook(['migrate', 'status'], older);
    const migrated = await callbook(['migrate', 'up', '--json'], older);

    expect(status.out).toMatch(/^applied {2}20261122000000-initial\npending {2}/);
    expect(migrated.code).toBe(0);
    expect(JSON.parse(migrated.out)).toEqual({
      applied: expect.arrayContaining(['20261122200000-programs-and-people']),
    });
    expect(await callbook(['migrate', 'up'], older)).toMatchObject({ code: 0, out: 'The database is up to date.\n' });
  }, 90_000);
});

describe('a database that is no use', () => {
  test('of a newer version is refused with 3 by every command, and left alone', async () => {
    await using place = await openFolder();
    await callbook(['migrate', 'up'], place);
    change(place.folder, (database) =>
      database.exec("insert into migration (name, executed_at) values ('20991231000000-later', 1)"),
    );

    for (const args of [
      ['workspaces', 'list'],
      ['migrate', 'up'],
    ]) {
      const { code, err } = await callbook(args, place);
      expect({ code, err }).toEqual({ code: 3, err: expect.stringMatching(/newer version.*20991231000000-later/) });
    }
  }, 60_000);

  test('of another program is refused with 3, and left alone', async () => {
    await using place = await openFolder();
    change(place.folder, (database) => database.exec('create table other (x)'));

    const { code, err } = await callbook(['workspaces', 'list'], place);

    expect({ code, err }).toEqual({ code: 3, err: expect.stringContaining('is not a database of Callbook') });
    change(place.folder, (database) =>
      expect(database.prepare('select name from sqlite_master').pluck().all()).toEqual(['other']),
    );
  }, 60_000);

  test('is not asked for by "migrate status", which makes none', async () => {
    await using place = await openFolder();
    const { code, out } = await callbook(['migrate', 'status', '--json'], place);

    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ applied: [], pending: expect.arrayContaining(['20261122000000-initial']) });
    await expect(rm(join(place.folder, 'callbook.db'))).rejects.toThrow('ENOENT');
  }, 60_000);
});

/** A database with the first migration only, and a process of that version (this one) in it. */
async function openOlder() {
  const folder = await mkdtemp(join(tmpdir(), 'callbook-older-'));
  const database = await openDatabase({ url: `sqlite:${join(folder, 'callbook.db')}`, durability: 'normal' });
  await withSystem(() => database.orm.migrator.up({ to: '20261122000000-initial' }));
  const { self } = database.instances;
  const entered = `insert into instance (id, version, pid, started_at, heartbeat_at) values (?, 'older', ?, 0, 0)`;
  change(folder, (open) => open.prepare(entered).run(self, process.pid));
  return {
    folder,
    tables: () => change(folder, (open) => open.prepare('select name, sql from sqlite_master order by 1').all()),
    async leave() {
      change(folder, (open) => open.prepare('delete from instance where id = ?').run(self));
      await database.close();
    },
    async [Symbol.asyncDispose]() {
      await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function change<T>(folder: string, work: (database: Database.Database) => T): T {
  const database = new Database(join(folder, 'callbook.db'), { timeout: 5_000 });
  try {
    return work(database);
  } finally {
    database.close();
  }
}

async function connected(app: RunningApp, apiOrigin: string): Promise<string> {
  const owner = new Client(app.origin);
  await owner.post('/sign-in', OWNER);
  const provider = { origin: apiOrigin, clientId: 'none', clientSecret: null };
  return owner.connect({ provider, apiOrigin, authType: 'none' });
}

async function later(ms: number): Promise<'waiting'> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return 'waiting';
}
