import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import type { Finding } from '../../src/cli/doctor/finding.ts';
import { freeFinding } from '../../src/cli/doctor/local-checks.ts';
import { checkRecord } from '../../src/cli/doctor/record-check.ts';
import { loadConfig } from '../../src/config.ts';
import { openApi } from '../support/api.ts';
import { Client } from '../support/client.ts';
import { openProvider } from '../support/provider.ts';
import { OWNER, type RunningApp, runApp } from '../support/running-app.ts';
import { callbook, openFolder } from './callbook.ts';

const KEY = Buffer.alloc(32, 7).toString('base64');
const OTHER_KEY = Buffer.alloc(32, 8).toString('base64');
const GiB = 2 ** 30;

describe('the doctor, where nothing was ever started', () => {
  test('finds nothing wrong and makes no file', async () => {
    await using place = await openFolder();
    const { code, out, err } = await callbook(['doctor'], {
      ...place,
      env: { DATABASE_URL: 'sqlite:data/callbook.db' },
    });

    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.split('\n').map((line) => line.split(/ +/, 2).join(' '))).toEqual(
      ['settings', 'key', 'database', 'disk', 'egress', 'providers', 'clock'].map((check) => `ok ${check}`).concat(''),
    );
    expect(await readdir(place.folder)).toEqual([]);
  }, 60_000);

  test('tells every fault of the settings, how to mend them, and ends with 1', async () => {
    await using place = await openFolder();
    const env = { NODE_ENV: 'production', CALL_WIDTH: '0', APP_KEY: 'not-a-key-but-secret' };
    const { code, out } = await callbook(['doctor'], { ...place, env });

    expect(code).toBe(1);
    for (const name of ['CALL_WIDTH', 'APP_KEY', 'PUBLIC_URL'])
      expect(out).toMatch(new RegExp(`^fault +settings +${name}`, 'm'));
    expect(out).not.toContain('not-a-key-but-secret');
  }, 60_000);
});

describe('the doctor, beside a Callbook that runs', () => {
  test('says that all is well, asks providers without credentials and disturbs nothing', async () => {
    await using provider = await openProvider();
    await using app = await runApp();
    await connected(app, provider);
    const before = await readdir(app.folder, { recursive: true });

    const { code, findings } = await examined(app);

    expect(code).toBe(0);
    expect(findings.filter(({ standing }) => standing !== 'ok')).toEqual([]);
    expect(provider.log).toMatchObject([{ method: 'HEAD', path: '/token' }]);
    expect(provider.log[0]?.headers.map(([name]) => name.toLowerCase())).not.toContain('authorization');
    expect(await readdir(app.folder, { recursive: true })).toEqual(before);
  }, 60_000);

  test('names a provider that is away and one that may not be reached, with how to mend it', async () => {
    await using provider = await openProvider();
    await using app = await runApp();
    await connected(app, provider);
    const { host } = new URL(provider.origin);
    await provider[Symbol.asyncDispose]();

    const away = await examined(app);
    const closed = await examined(app, { EGRESS: 'public' });

    expect(away.code).toBe(1);
    expect(faultsOf(away.findings)).toEqual([
      {
        check: 'provider',
        detail: expect.stringMatching(`^${host} gave no answer \\(partner\\)`),
        mend: expect.stringContaining('runs'),
      },
    ]);
    expect(faultsOf(closed.findings)).toMatchObject([{ check: 'provider', mend: expect.stringContaining('EGRESS') }]);
  }, 60_000);

  test('warns of a clock that is off, and of a production that reaches itself', async () => {
    await using early = await openEarlyProvider();
    await using app = await runApp();
    await connected(app, early);

    const env = { NODE_ENV: 'production', EGRESS: 'loopback', PUBLIC_URL: 'https://callbook.example' };
    const key = (await readFile(join(app.folder, 'app.key'), 'utf8')).trim();
    const { code, findings } = await examined(app, { ...env, APP_KEY: key });

    expect(code).toBe(0);
    expect(findings.filter(({ standing }) => standing === 'warning')).toEqual([
      expect.objectContaining({ check: 'egress', mend: expect.stringContaining('EGRESS=public') }),
      expect.objectContaining({ check: 'clock', detail: expect.stringMatching(/^It is 2 h ahead of 127/) }),
    ]);
  }, 60_000);
});

describe('the doctor, where a Callbook was stopped', () => {
  test('leaves every file as it was', async () => {
    await using place = await openStopped();
    const before = await filesOf(place.folder);

    expect(await examined(place, { APP_KEY: KEY })).toMatchObject({ code: 0 });
    expect(await filesOf(place.folder)).toEqual(before);
  }, 60_000);

  test.each([
    ['a key that belongs to another database', 'key', { APP_KEY: OTHER_KEY }, /sealed with key/, null],
    ['a key file that others may read', 'key', {}, /open to others\. Run: chmod 600/, openKeyFile],
    ['a key that is gone', 'key', {}, /app\.key is gone, and the database holds secrets/, null],
    ['a database that is damaged', 'database', { APP_KEY: KEY }, /is damaged|cannot be read/, damage],
    ['a file that is no database', 'database', { APP_KEY: KEY }, /not a database of Callbook/, overwrite],
    ['a database of a newer version', 'database', { APP_KEY: KEY }, /newer version/, makeNewer],
  ])(
    'finds %s',
    async (_what, check, env, says, harm) => {
      await using place = await openStopped();
      await harm?.(place.folder);

      const { code, findings } = await examined(place, env);

      expect(code).toBe(1);
      expect(faultsOf(findings)).toEqual([{ check, detail: expect.stringMatching(says), mend: expect.any(String) }]);
    },
    60_000,
  );

  test('warns of a database that is behind, and does not migrate it', async () => {
    await using place = await openStopped();
    change(place.folder, (database) =>
      database.exec('delete from migration where id = (select max(id) from migration)'),
    );

    const { code, findings } = await examined(place, { APP_KEY: KEY });

    expect(code).toBe(0);
    expect(findings.find(({ check }) => check === 'database')).toMatchObject({
      standing: 'warning',
      mend: expect.stringContaining('callbook migrate up'),
    });
    expect((await callbook(['migrate', 'status', '--json'], place)).out).toMatch(/"pending": \[\s+"/);
  }, 60_000);
});

describe('the record', () => {
  test('is told with its size and how long it is kept', async () => {
    await using api = await openApi();
    await using app = await runApp({ env: { RETENTION_DAYS: '7', RETENTION_BYTES: '2097152' } });
    const owner = new Client(app.origin);
    await owner.post('/sign-in', OWNER);
    const slug = await openConnection(owner, api.origin);
    await owner.call(slug, 'POST', '/orders', { body: 'x'.repeat(3_000), contentType: 'text' });

    const { findings } = await examined(app, { RETENTION_DAYS: '7', RETENTION_BYTES: '2097152' });

    expect(findings.find(({ check }) => check === 'record')).toMatchObject({
      standing: 'ok',
      detail: expect.stringMatching(
        /^1 exchange with 2 bodies of .*; the database takes \d{3}\.\d KiB.*Kept for 7 days and up to 2\.0 MiB\.$/,
      ),
    });
  }, 60_000);

  test.each([
    [899, 'ok', /1,234 exchanges with 1 body of 10 bytes; the database takes 899 bytes\. Kept for 90 days/],
    [900, 'warning', /The oldest go before their time/],
  ])('that takes %d bytes where 1,000 may be is %s', (usedBytes, standing, detail) => {
    const record = { exchanges: 1_234, bodies: 1, bodyBytes: 10, usedBytes, freeBytes: 0 };
    const config = { ...loadConfig({}, false), retentionBytes: 1_000 };

    expect(checkRecord(config, { ...SOUND, record })).toMatchObject([
      { check: 'record', standing, detail: expect.stringMatching(detail) },
    ]);
  });
});

describe('the room on a disk', () => {
  test.each([
    [2 * GiB, 'ok'],
    [GiB - 1, 'warning'],
    [100 * 2 ** 20 - 1, 'fault'],
  ])('of %d bytes is %s', (free, standing) => {
    expect(freeFinding(free, '/data')).toMatchObject({ check: 'disk', standing });
  });
});

const SOUND = { journalMode: 'wal', check: 'ok', keyChecks: [], tokenUrls: [] };

async function openConnection(owner: Client, baseUrl: string): Promise<string> {
  const made = await owner.post('/connections', {
    name: 'A',
    slug: 'a',
    baseUrl,
    timeoutMs: '1000',
    width: '8',
    authType: 'none',
  });
  expect(made.status).toBe(303);
  return 'a';
}

async function examined({ folder }: { readonly folder: string }, env: Record<string, string> = {}) {
  const { code, out } = await callbook(['doctor', '--json'], { folder, env });
  const { findings, healthy } = JSON.parse(out) as { findings: Finding[]; healthy: boolean };
  expect(healthy).toBe(code === 0);
  return { code, findings };
}

function faultsOf(findings: readonly Finding[]): Omit<Finding, 'standing'>[] {
  return findings
    .filter(({ standing }) => standing === 'fault')
    .map(({ check, detail, mend }) => ({ check, detail, mend }));
}

/** A folder with a database sealed by KEY, which no file holds, and nobody using it. */
async function openStopped() {
  const place = await openFolder();
  await callbook(['users', 'create', OWNER.email, '--role', 'owner', '--password-stdin'], {
    ...place,
    env: { APP_KEY: KEY },
    stdin: OWNER.password,
  });
  return place;
}

async function connected(app: RunningApp, provider: { readonly origin: string }): Promise<void> {
  await using api = await openApi();
  const owner = new Client(app.origin);
  await owner.post('/sign-in', OWNER);
  const client = {
    clientId: 'callbook',
    clientSecret: 'a-secret-of-some-length',
    ...provider,
    origin: provider.origin,
  };
  await owner.connect({ provider: client, apiOrigin: api.origin });
}

/** Answers everything, and its clock is two hours behind. */
async function openEarlyProvider() {
  const server = createServer((_request, response) => {
    response.writeHead(405, { date: new Date(Date.now() - 7_200_000).toUTCString() }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function filesOf(folder: string): Promise<readonly (readonly [string, string])[]> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const read = files.map(async ({ parentPath, name }) => {
    return [name, (await readFile(join(parentPath, name))).toString('base64')] as const;
  });
  return (await Promise.all(read)).toSorted(([one], [other]) => one.localeCompare(other));
}

async function openKeyFile(folder: string): Promise<void> {
  await writeFile(join(folder, 'app.key'), `${KEY}\n`);
  await chmod(join(folder, 'app.key'), 0o644);
}

/** Breaks the pages after the first ones, where the tables are. */
async function damage(folder: string): Promise<void> {
  const file = join(folder, 'callbook.db');
  const bytes = await readFile(file);
  bytes.fill(0x55, 4096 * 8);
  await writeFile(file, bytes);
}

async function overwrite(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'callbook.db'), 'This is a text of some length, and no database.');
}

async function makeNewer(folder: string): Promise<void> {
  change(folder, (database) => database.exec("insert into migration (name, executed_at) values ('20991231-later', 1)"));
}

function change(folder: string, work: (database: Database.Database) => unknown): void {
  const database = new Database(join(folder, 'callbook.db'));
  work(database);
  database.close();
}
