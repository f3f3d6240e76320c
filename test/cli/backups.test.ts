import { copyFile, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { openApi } from '../support/api.ts';
import { Client } from '../support/client.ts';
import { openProvider, type Provider } from '../support/provider.ts';
import { OWNER, type RunningApp, runApp } from '../support/running-app.ts';
import { callbook, openFolder, type Surroundings } from './callbook.ts';

const KEY = Buffer.alloc(32, 7).toString('base64');
const OTHER_KEY = Buffer.alloc(32, 8).toString('base64');

describe('a backup', () => {
  test('is one sound file for its owner only, of one moment, while others write', async () => {
    await using place = await openPlace();
    const writer = new Database(place.file);
    writer.exec('create table filler (number integer, padding blob)');
    const fill = writer.prepare('insert into filler values (?, randomblob(4000))');
    writer.transaction(() => Array.from({ length: 5_000 }, (_, number) => fill.run(number)))();
    let number = 5_000;
    const writing = setInterval(() => fill.run((number += 1)), 1);

    const made = await callbook(['backup', 'copy.db'], place);
    clearInterval(writing);
    writer.close();

    expect(made).toMatchObject({ code: 0, out: expect.stringContaining('copy.db is written'), err: '' });
    expect(await readdir(place.folder)).not.toContain('copy.db.part');
    expect((await stat(place.copy)).mode & 0o777).toBe(0o600);
    const copy = new Database(place.copy, { readonly: true });
    const { rows, last } = copy.prepare('select count(*) as rows, max(number) as last from filler').get() as Counted;
    expect(rows).toBeGreaterThanOrEqual(5_000);
    expect(last).toBe(rows === 5_000 ? 4_999 : rows);
    expect(copy.pragma('integrity_check', { simple: true })).toBe('ok');
    copy.close();
  }, 60_000);

  test('replaces no file, and says where there is nothing to copy', async () => {
    await using place = await openPlace();
    await writeFile(place.copy, 'mine');
    const over = await callbook(['backup', 'copy.db'], place);
    await using empty = await openFolder();
    const nothing = await callbook(['backup', 'copy.db'], empty);
    const nowhere = await callbook(['backup', 'no/such/folder/copy.db'], place);

    expect(over).toMatchObject({ code: 2, err: expect.stringContaining('is there already') });
    expect(await readFile(place.copy, 'utf8')).toBe('mine');
    expect(nothing).toMatchObject({ code: 3, err: expect.stringContaining('There is no database') });
    expect(await readdir(empty.folder)).toEqual([]);
    expect(nowhere).toMatchObject({
      code: 2,
      err: 'No file can be made at no/such/folder/copy.db (ENOENT). Nothing was written.\n',
    });
  }, 60_000);

  test('holds no secret that is not sealed, and not the key', async () => {
    await using provider = await openProvider();
    await using app = await runApp();
    const secrets = await connect(app, provider);
    await callbook(['backup', 'copy.db'], app);

    const bytes = await readFile(join(app.folder, 'copy.db'));
    const key = (await readFile(join(app.folder, 'app.key'), 'utf8')).trim();

    expect(bytes.includes('partner')).toBe(true);
    for (const secret of [key, ...secrets]) expect([secret.length > 8, bytes.includes(secret)]).toEqual([true, false]);
  }, 60_000);
});

describe('a backup that is put back', () => {
  test('takes the place of the database, which is kept aside', async () => {
    await using place = await openPlace();
    await callbook(['backup', 'copy.db'], place);
    await addUser(place, 'later@example.org');

    const done = await callbook(['restore', 'copy.db', '--json'], place);

    expect(done.code).toBe(0);
    const { aside } = JSON.parse(done.out) as { aside: string };
    expect(users(place.file)).toEqual([OWNER.email]);
    expect(users(aside)).toEqual([OWNER.email, 'later@example.org']);
    expect((await readdir(place.folder)).filter((name) => name.includes('restoring'))).toEqual([]);
  }, 60_000);

  test('can be put back where nothing ever was, given its key', async () => {
    await using place = await openPlace();
    await callbook(['backup', 'copy.db'], place);
    await using other = await openFolder();
    await copyFile(place.copy, join(other.folder, 'copy.db'));

    const keyless = await callbook(['restore', 'copy.db'], other);
    const there = { ...other, env: { APP_KEY: KEY } };
    const done = await callbook(['restore', 'copy.db'], there);

    expect(keyless).toMatchObject({ code: 3, err: expect.stringContaining('Put that key at') });
    expect(done).toMatchObject({ code: 0, err: '' });
    expect(users(join(other.folder, 'callbook.db'))).toEqual([OWNER.email]);
  }, 60_000);

  test('waits until no process uses the database, and none begins meanwhile', async () => {
    await using app = await runApp();
    await callbook(['backup', 'copy.db'], app);
    const before = await databaseOf(app);

    const refused = await callbook(['restore', 'copy.db'], app);

    expect(refused).toMatchObject({
      code: 3,
      err: expect.stringMatching(new RegExp(`in use by process ${app.pid} .*Nothing was changed`)),
    });
    expect(await databaseOf(app)).toEqual(before);
    await app.stop();
    expect(await callbook(['restore', 'copy.db'], app)).toMatchObject({ code: 0 });
  }, 60_000);

  test.each([
    [
      'a file that is no database',
      'is not a database of Callbook',
      ({ copy }: Place) => writeFile(copy, 'hello'.repeat(99)),
    ],
    ['an empty file', 'holds no database', ({ copy }: Place) => writeFile(copy, '')],
    ['a database of somebody else', 'is not a database of Callbook', foreign],
    ['a database of a newer version', 'newer version', newer],
    ['a damaged database', 'is damaged|cannot be read', damaged],
    ['a database sealed with another key', 'sealed with key', otherKey],
  ])(
    'changes nothing for %s',
    async (_what, says, make) => {
      await using place = await openPlace();
      await addUser(place, 'later@example.org');
      await make(place);
      const before = await databaseOf(place);
      const names = await readdir(place.folder);

      const { code, err } = await callbook(['restore', 'copy.db'], place);

      expect(code).toBe(3);
      expect(err).toMatch(new RegExp(says));
      expect(await databaseOf(place)).toEqual(before);
      expect(await readdir(place.folder)).toEqual(names);
    },
    60_000,
  );

  test('is not looked for under a name that nothing has', async () => {
    await using place = await openPlace();
    const before = await databaseOf(place);

    expect(await callbook(['restore', 'none.db'], place)).toMatchObject({
      code: 2,
      err: 'There is no file at none.db. Nothing was changed.\n',
    });
    expect(await databaseOf(place)).toEqual(before);
  }, 60_000);

  test('puts grants that rotate in doubt, even one that was made a moment before', async () => {
    await using provider = await openProvider();
    await using app = await runApp();
    await connect(app, provider);
    await app.stop();
    await callbook(['backup', 'copy.db'], app);
    await callbook(['restore', 'copy.db'], app);
    await using again = await runApp({ folder: app.folder });
    const owner = new Client(again.origin);
    await owner.post('/sign-in', OWNER);

    const { text } = await owner.get('/connections/partner/grant');

    expect(again.printed()).toContain('a backup was put back');
    expect(text).toContain('data-state="ambiguous"');
  }, 60_000);
});

interface Counted {
  readonly rows: number;
  readonly last: number;
}

/** A folder with a database sealed by KEY, and nobody using it. */
async function openPlace() {
  const { folder, ...rest } = await openFolder();
  const place = {
    ...rest,
    folder,
    env: { APP_KEY: KEY },
    file: join(folder, 'callbook.db'),
    copy: join(folder, 'copy.db'),
  };
  await addUser(place, OWNER.email);
  return place;
}
type Place = Awaited<ReturnType<typeof openPlace>>;

async function addUser(place: Surroundings, email: string): Promise<void> {
  const made = ['users', 'create', email, '--role', 'owner', '--password-stdin'];
  expect(await callbook(made, { ...place, stdin: OWNER.password })).toMatchObject({ code: 0 });
}

function users(file: string): unknown[] {
  const database = new Database(file, { readonly: true });
  const emails = database.prepare('select email from "user" order by id').pluck().all();
  database.close();
  return emails;
}

/** What the database holds, whatever lies in the file and what in the WAL. */
async function databaseOf({ folder }: { readonly folder: string }): Promise<unknown> {
  const database = new Database(join(folder, 'callbook.db'), { readonly: true });
  const rows = ['workspace', 'user', 'meta'].map((table) => database.prepare(`select * from "${table}"`).all());
  database.close();
  return rows;
}

/** A connection with a grant that rotates; gives every secret there was. */
async function connect(app: RunningApp, provider: Provider): Promise<string[]> {
  await using api = await openApi();
  const owner = new Client(app.origin);
  await owner.post('/sign-in', OWNER);
  const { refreshToken } = provider.issueGrant();
  const slug = await owner.connect({ provider, apiOrigin: api.origin, grantType: 'refresh_token', refreshToken });
  await owner.call(slug, 'GET', '/orders');
  const sent = api.log.flatMap(({ headers }) => headers.filter(([name]) => name.toLowerCase() === 'authorization'));
  expect(sent).toHaveLength(1);
  return [refreshToken, provider.clientSecret ?? '', (sent[0]?.[1] ?? '').replace('Bearer ', '')];
}

async function foreign({ copy }: Place): Promise<void> {
  const database = new Database(copy);
  database.exec('create table note (text text)');
  database.close();
}

async function newer(place: Place): Promise<void> {
  await callbook(['backup', 'copy.db'], place);
  const database = new Database(place.copy);
  database.prepare('insert into migration (name) values (?)').run('29990101000000-later');
  database.close();
}

async function damaged(place: Place): Promise<void> {
  await callbook(['backup', 'copy.db'], place);
  const bytes = await readFile(place.copy);
  await writeFile(place.copy, bytes.fill(0x5a, 4096, bytes.length - 4096));
}

async function otherKey(place: Place): Promise<void> {
  const env = { APP_KEY: OTHER_KEY };
  await using other = await openFolder();
  await addUser({ ...other, env }, OWNER.email);
  await callbook(['backup', place.copy], { ...other, env });
}
