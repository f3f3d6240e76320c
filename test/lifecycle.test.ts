import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { openApi } from './support/api.ts';
import { Client } from './support/client.ts';
import { openProvider } from './support/provider.ts';
import { OWNER, runApp, type RunningApp } from './support/running-app.ts';

const KEY = Buffer.alloc(32, 7).toString('base64');
const OTHER_KEY = Buffer.alloc(32, 8).toString('base64');

interface Row {
  readonly outcome: string;
  readonly reason: string | null;
  readonly instance_id: string;
}

describe('a process', () => {
  let folder = '';
  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'callbook-life-'))));
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('finishes and records what is under way when it is told to stop, and takes no more', async () => {
    await using api = await openApi();
    await using app = await runApp({ folder: join(folder, 'drain') });
    const { owner, slug } = await connected(app, api.origin);
    const sending = Array.from({ length: 10 }, () => owner.call(slug, 'POST', '/slow?ms=1500'));
    await until(() => api.log.length === 8);

    const stopped = app.stop('SIGTERM');
    await until(() => refusesConnections(app));
    const sent = await Promise.all(sending);

    expect(await stopped).toBe(0);
    expect(sent).toHaveLength(10);
    expect(rows(app)).toEqual(
      Array.from({ length: 10 }, () => expect.objectContaining({ outcome: 'answered', reason: null })),
    );
  }, 60_000);

  test('ends calls that take longer than a stop may, and records them as aborted', async () => {
    await using api = await openApi();
    await using app = await runApp({ folder: join(folder, 'abort') });
    const { owner, slug } = await connected(app, api.origin, { timeoutMs: '120000' });
    const sending = owner.call(slug, 'POST', '/slow?ms=100000').catch(() => null);
    await until(() => api.log.length === 1);

    const began = performance.now();
    expect(await app.stop('SIGTERM')).toBe(0);
    await sending;

    expect(performance.now() - began).toBeLessThan(30_000);
    expect(rows(app)).toMatchObject([{ outcome: 'failed', reason: 'aborted' }]);
  }, 60_000);

  test('that was killed leaves its calls interrupted, and a live neighbour is left alone', async () => {
    await using api = await openApi();
    const place = { folder: join(folder, 'killed'), env: { APP_KEY: KEY } };
    await using killed = await runApp(place);
    await using neighbour = await runApp(place);
    const first = await connected(killed, api.origin, { width: '64' });
    const second = await signedIn(neighbour);
    const lost = first.owner.call(first.slug, 'POST', '/slow?ms=20000').catch(() => null);
    const kept = second.call(first.slug, 'POST', '/slow?ms=6000');
    await until(() => api.log.length === 2);

    await killed.stop('SIGKILL');
    await lost;
    await using restarted = await runApp(place);
    await until(() => rows(restarted).some(({ outcome }) => outcome === 'interrupted'));

    expect(
      rows(restarted)
        .map(({ outcome }) => outcome)
        .toSorted(),
    ).toEqual(['interrupted', 'pending']);
    await kept;
    expect(
      rows(restarted)
        .map(({ outcome }) => outcome)
        .toSorted(),
    ).toEqual(['answered', 'interrupted']);
  }, 60_000);

  test('that was killed leaves a page that says what is known of the call, and what to do', async () => {
    await using api = await openApi();
    const place = { folder: join(folder, 'told'), env: { APP_KEY: KEY } };
    await using killed = await runApp(place);
    const { owner, slug } = await connected(killed, api.origin);
    const lost = owner.call(slug, 'POST', '/slow?ms=20000').catch(() => null);
    await until(() => api.log.length === 1);
    await killed.stop('SIGKILL');
    await lost;
    const killedAt = Date.now();

    await using restarted = await runApp(place);
    const reader = await signedIn(restarted);
    const told = async () =>
      (await reader.get('/api/v1/exchanges?method=POST')).json<{ items: Record<string, string | null>[] }>().items[0]!;
    await until(async () => (await told())['outcome'] === 'interrupted');
    const { id, startedAt, finishedAt, sent } = await told();
    const page = (await reader.get(`/exchanges/${id}`)).text.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');

    const shown = (iso: string | null | undefined) => `${iso?.slice(0, 19).replace('T', ' ')} UTC`;
    expect(sent).toBeNull();
    expect(Date.parse(finishedAt!)).toBeGreaterThanOrEqual(killedAt);
    expect(page).toContain(`Written down ${shown(startedAt)} , before its first byte left.`);
    expect(page).toContain('Sent Not known. It may have arrived, whole or in part');
    expect(page).toContain(
      `Found interrupted ${shown(finishedAt)} , when Callbook saw that no answer of it would be kept.`,
    );
    expect(page).toContain('What to do Look at the API whether this POST took effect before you send it again.');
  }, 60_000);

  test('refuses a database that another key sealed, and touches nothing', async () => {
    const place = join(folder, 'wrong-key');
    await using provider = await openProvider();
    await using first = await runApp({ folder: place, env: { APP_KEY: KEY } });
    const owner = await signedIn(first);
    await owner.connect({ provider, apiOrigin: 'http://127.0.0.1:9' });
    await first.stop();
    const before = dump(place);

    const refusal = await runApp({ folder: place, env: { APP_KEY: OTHER_KEY } }).catch((error: Error) => error.message);

    expect(refusal).toMatch(/ended with 3 before it listened.*APP_KEY.*Nothing was changed/s);
    expect(refusal).not.toContain(OTHER_KEY);
    expect(dump(place)).toEqual(before);
    await using again = await runApp({ folder: place, env: { APP_KEY: `${OTHER_KEY},${KEY}` } });
    expect((await (await signedIn(again)).get('/connections/partner')).status).toBe(200);
  }, 60_000);

  test('refuses a database from a newer version, and leaves it alone', async () => {
    const place = join(folder, 'newer');
    await using first = await runApp({ folder: place });
    await first.stop();
    const file = join(place, 'callbook.db');
    const database = new Database(file);
    database.exec("insert into migration (name, executed_at) values ('20991231000000-later', 1)");
    database.pragma('wal_checkpoint(TRUNCATE)');
    database.close();
    const before = await readFile(file);

    const refusal = await runApp({ folder: place }).catch((error: Error) => error.message);

    expect(refusal).toMatch(/newer version.*20991231000000-later.*Nothing was changed/s);
    expect((await readFile(file)).equals(before)).toBe(true);
  }, 60_000);

  test('reports every fault of its settings at once and never a value', async () => {
    const env = { PORT: 'eighty', APP_KEY: 'not-a-key-but-secret', CALL_WIDTH: '0', DATABASE_URL: 'oracle:x' };
    const refusal = await runApp({ folder: join(folder, 'settings'), env }).catch((error: Error) => error.message);

    expect(refusal).toMatch(/ended with 2 before it listened/);
    for (const name of Object.keys(env)) expect(refusal).toContain(`${name} must be`);
    expect(refusal).not.toContain('not-a-key-but-secret');
  }, 60_000);

  test('says that it is alive, and ready once the database answers', async () => {
    await using app = await runApp({ folder: join(folder, 'health') });
    expect(await (await fetch(`${app.origin}/healthz`)).json()).toEqual({ status: 'ok' });
    expect(await (await fetch(`${app.origin}/readyz`)).json()).toEqual({ status: 'ready' });
  }, 60_000);

  test('says clearly that its port is taken', async () => {
    await using app = await runApp({ folder: join(folder, 'port') });
    const { port } = new URL(app.origin);
    const refusal = await runApp({ folder: join(folder, 'port-2'), env: { PORT: port } }).catch(
      (error: Error) => error.message,
    );
    expect(refusal).toMatch(/ended with 3 .*cannot be listened on\. Set PORT/s);
  }, 60_000);
});

async function connected(app: RunningApp, apiOrigin: string, fields: Record<string, string> = {}) {
  const owner = await signedIn(app);
  const provider = { origin: apiOrigin, clientId: 'none', clientSecret: null };
  const slug = await owner.connect({ provider, apiOrigin, authType: 'none', ...fields });
  return { owner, slug };
}

async function signedIn({ origin }: RunningApp): Promise<Client> {
  const client = new Client(origin);
  await client.post('/sign-in', OWNER);
  return client;
}

function rows({ folder }: RunningApp): Row[] {
  const database = new Database(join(folder, 'callbook.db'), { readonly: true, timeout: 5_000 });
  try {
    return database.prepare("select outcome, reason, instance_id from exchange where kind = 'call'").all() as Row[];
  } finally {
    database.close();
  }
}

/** Every row of every table, so that a change anywhere shows. */
function dump(folder: string): unknown {
  const database = new Database(join(folder, 'callbook.db'), { readonly: true });
  try {
    const tables = database.prepare("select name, sql from sqlite_master where type = 'table' order by name").all() as {
      name: string;
      sql: string;
    }[];
    return tables.map(({ name, sql }) => ({ name, sql, rows: database.prepare(`select * from "${name}"`).all() }));
  } finally {
    database.close();
  }
}

async function refusesConnections({ origin }: RunningApp): Promise<boolean> {
  return fetch(`${origin}/readyz`, { headers: { connection: 'close' } }).then(
    ({ status }) => status === 503,
    () => true,
  );
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const giveUp = performance.now() + 30_000;
  while (!(await isSo())) {
    if (performance.now() > giveUp) throw new Error('This never came about.');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
