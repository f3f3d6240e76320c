import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { describe, expect, test } from '@jest/globals';
import { DatabaseTooNew, DatabaseUnusable } from '../../../src/db/errors.ts';
import { openDatabase } from '../../../src/db/orm.ts';
import { migrations } from '../../../src/db/sqlite/migrations/index.ts';
import { openTestDatabase } from '../../support/database.ts';
import { newId } from '../rows.ts';
import { startProcess } from './process.ts';

async function folder() {
  const path = await mkdtemp(join(tmpdir(), 'callbook-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

const open = (path: string) => openDatabase({ url: `sqlite:${path}`, durability: 'full' });

describe('Four processes that start together on a new file', () => {
  test('migrate it once, and all of them live', async () => {
    await using place = await folder();
    const path = join(place.path, 'data', 'callbook.db');
    const others = Array.from({ length: 4 }, () => startProcess('migrate.ts', path));
    try {
      await Promise.all(others.map((other) => other.heard()));
      for (const { child } of others) child.stdin.write('go\n');
      const said = await Promise.all(others.map((other) => other.heard()));
      const applied = said.map((line) => (JSON.parse(line) as { applied: string[] }).applied);
      expect(applied.flat()).toEqual(migrations.map(({ name }) => name));
      expect(await Promise.all(others.map((other) => other.end()))).toEqual([0, 0, 0, 0]);
    } finally {
      await Promise.all(others.map((other) => other.kill()));
    }
    const database = new BetterSqlite(path, { readonly: true });
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(database.prepare('SELECT count(*) AS n FROM migration').get()).toEqual({ n: migrations.length });
    database.close();
  });
});

describe('Neighbours', () => {
  test('are alive until they die, however they die, and leave no file', async () => {
    await using opened = await openTestDatabase();
    await using other = startProcess('migrate.ts', opened.path);
    const { instances } = opened.database;
    await other.heard();
    other.child.stdin.write('go\n');
    const { self } = JSON.parse(await other.heard()) as { self: string };

    expect(await instances.isAlive(self)).toBe(true);
    expect(await instances.isAlive(instances.self)).toBe(true);
    expect(await instances.isAlive(newId())).toBe(false);
    expect(await instances.isAlive('../callbook.db')).toBe(false);
    await other.kill();
    expect(await instances.isAlive(self)).toBe(false);
    expect(readdirSync(`${opened.path}-instances`).sort()).toEqual([`${instances.self}.lock`, 'migration'].sort());
  });

  test('clear away what a dead one left when they start', async () => {
    await using place = await folder();
    const path = join(place.path, 'callbook.db');
    await using other = startProcess('migrate.ts', path);
    await other.heard();
    await other.kill();
    expect(readdirSync(`${path}-instances`)).toHaveLength(1);
    const database = await open(path);
    expect(readdirSync(`${path}-instances`)).toEqual([`${database.instances.self}.lock`]);
    await database.close();
    expect(readdirSync(`${path}-instances`)).toEqual([]);
  });
});

describe('Opening', () => {
  test('makes the file and its folder for the owner only, with the settings of the reliability page', async () => {
    await using place = await folder();
    const path = join(place.path, 'data', 'callbook.db');
    const database = await open(path);
    await database.migrate();
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(`${path}-wal`)).mode & 0o777).toBe(0o600);
    expect((await stat(join(place.path, 'data'))).mode & 0o777).toBe(0o700);
    await database.close();
    const raw = new BetterSqlite(path);
    expect(raw.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(raw.pragma('auto_vacuum', { simple: true })).toBe(2);
    raw.close();
  });

  test('refuses a database of a newer version, and leaves it byte for byte as it was', async () => {
    await using place = await folder();
    const path = join(place.path, 'callbook.db');
    const database = await open(path);
    await database.migrate();
    await database.close();
    const raw = new BetterSqlite(path);
    raw.exec(`INSERT INTO migration (name) VALUES ('20991231000000-flying-cars')`);
    raw.pragma('journal_mode = DELETE');
    raw.close();
    const before = await readFile(path);

    await expect(open(path)).rejects.toThrow(DatabaseTooNew);
    await expect(open(path)).rejects.toThrow(/flying-cars.*Nothing was changed/s);

    expect((await readFile(path)).equals(before)).toBe(true);
  });

  test.each([
    ['text', 'Dear diary, this is no database at all.'],
    ['a damaged database', `SQLite format 3\0${'?'.repeat(5_000)}`],
  ])('refuses %s, and leaves it alone', async (_what, content) => {
    await using place = await folder();
    const path = join(place.path, 'callbook.db');
    await writeFile(path, content);

    await expect(open(path)).rejects.toThrow(DatabaseUnusable);

    expect(await readFile(path, 'utf8')).toBe(content);
  });

  test.each(['sqlite::memory:', 'sqlite:', 'postgresql://localhost/x', 'data/callbook.db'])(
    'refuses the address %s',
    async (url) => {
      await expect(openDatabase({ url, durability: 'full' })).rejects.toThrow(DatabaseUnusable);
    },
  );

  test('refuses a second database in the process, and goes on with the first', async () => {
    await using opened = await openTestDatabase();
    await expect(open(join(opened.folder, 'second.db'))).rejects.toThrow(/already/);
    expect(await opened.database.isReady()).toBe(true);
  });

  test('works again after a refusal and after a close', async () => {
    await expect(openDatabase({ url: 'sqlite:', durability: 'full' })).rejects.toThrow(DatabaseUnusable);
    await using place = await folder();
    for (let round = 0; round < 2; round += 1) {
      const database = await open(join(place.path, 'callbook.db'));
      expect(await database.isReady()).toBe(true);
      await database.close();
    }
  });
});
