import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Api, openApi } from '../support/api.ts';
import { AWKWARD_BODIES } from '../support/awkward-bodies.ts';
import { Client } from '../support/client.ts';
import { openProvider, type Provider } from '../support/provider.ts';
import { OWNER, type RunningApp, runApp } from '../support/running-app.ts';
import { callbook, ended, startCallbook } from './callbook.ts';

interface Told {
  readonly id?: string;
  readonly grant?: object;
  readonly body?: string | null;
  readonly bodyBase64?: string;
}

const ID = /exchange ([0-9a-f-]{36})/;
const ODD = Buffer.from([0, 255, 254, 13, 10, 27, 91, 50, 74, 195, 40]);

describe('a call from the command line, beside a Callbook that runs', () => {
  let provider: Provider;
  let api: Api;
  let app: RunningApp;
  let owner: Client;
  let slug = '';
  const place = () => ({ folder: app.folder });
  const call = (...args: string[]) => callbook(['call', slug, ...args], place());

  beforeAll(async () => {
    provider = await openProvider();
    api = await openApi({ provider });
    app = await runApp();
    owner = new Client(app.origin);
    await owner.post('/sign-in', OWNER);
    slug = await owner.connect({ provider, apiOrigin: api.origin });
  }, 60_000);

  afterAll(async () => {
    await app[Symbol.asyncDispose]();
    await api[Symbol.asyncDispose]();
    await provider[Symbol.asyncDispose]();
  });

  test('shares the grant: one token call serves the server and three commands at once', async () => {
    const alone = () => ended(startCallbook(['call', slug, 'GET', '/echo'], place()));
    const answers = await Promise.all([owner.call(slug, 'GET', '/echo'), ...[1, 2, 3].map(alone)]);

    expect(answers.slice(1)).toEqual(Array(3).fill(expect.objectContaining({ code: 0 })));
    expect(provider.asked.total).toBe(1);
    expect(new Set(api.tokensSeen()).size).toBe(1);
  }, 60_000);

  test('prints the body alone, tells status and id besides, and is on record as from the command line', async () => {
    const { code, bytes, err } = await callbook(['call', slug, 'POST', '/echo?a=1', '-d', '-', '-H', 'X-Odd: a: b'], {
      ...place(),
      stdin: ODD,
    });

    expect(code).toBe(0);
    expect(err).toMatch(/^200 OK, \d+ ms, exchange [0-9a-f-]{36}\n$/);
    expect(api.log.at(-1)).toMatchObject({ method: 'POST', target: '/echo?a=1' });
    expect(api.log.at(-1)?.headers).toContainEqual(['X-Odd', 'a: b']);
    const kept = await owner.get(`/exchanges/${ID.exec(err)?.[1]}`);
    expect(kept.text).toContain('command line');
    expect(bytes.length).toBeGreaterThan(0);
    expect(api.log.at(-1)?.body).toEqual(ODD);
  }, 60_000);

  test.each(['every-byte', 'byte-order-mark', 'gzip', 'empty'])('prints the body byte for byte: %s', async (name) => {
    const { code, bytes } = await call('GET', `/awkward/${name}`);

    expect(code).toBe(0);
    expect(bytes.equals(AWKWARD_BODIES[name]!.decoded)).toBe(true);
  });

  test.each(['invalid-utf8', 'byte-order-mark', 'empty'])('gives it whole to programs: %s', async (name) => {
    const { body, bodyBase64 } = JSON.parse((await call('GET', `/awkward/${name}`, '--json')).out) as Told;
    const given = bodyBase64 === undefined ? Buffer.from(body ?? 'null') : Buffer.from(bodyBase64, 'base64');

    expect(given.equals(AWKWARD_BODIES[name]!.decoded)).toBe(true);
    expect(body === undefined).toBe(name === 'invalid-utf8');
  });

  test('sends what a file holds, and prints headers or the record when it is asked to', async () => {
    const file = join(app.folder, 'order.json');
    await writeFile(file, '{"item":   7}');
    const shown = await call('POST', '/echo', '-d', `@${file}`, '-H', 'Content-Type: application/json', '-i');
    const told = await call('POST', '/echo', '-d', '{"item": 7}', '--json');

    expect(String(api.log.at(-2)?.body)).toBe('{"item":   7}');
    expect(shown.out).toMatch(/^HTTP 200 OK\r\n([\w-]+: .*\r\n)+\r\n/);
    expect(JSON.parse(told.out)).toMatchObject({
      id: ID.exec(told.err)?.[1],
      kind: 'call',
      connection: slug,
      outcome: 'answered',
      status: 200,
      sentBy: 'command line',
      body: expect.any(String),
      requestHeaders: expect.arrayContaining([['authorization', '*redacted*']]),
    });
  }, 60_000);

  test('tells programs what the JSON API tells them', async () => {
    const key = (await callbook(['keys', 'create', '--name', 'ci', '--role', 'viewer'], place())).out.trim();
    const api = async (path: string) =>
      (await fetch(`${app.origin}/api/v1${path}`, { headers: { authorization: `Bearer ${key}` } })).json();
    const { body, ...sent } = JSON.parse((await call('POST', '/orders', '-d', '{}', '--json')).out) as Told;
    const shown = JSON.parse((await callbook(['connections', 'show', slug, '--json'], place())).out) as Told;
    const listed = JSON.parse((await callbook(['connections', 'list', '--json'], place())).out) as { items: Told[] };

    expect(body).toContain('paper');
    expect(sent).toEqual(await api(`/exchanges/${sent.id}`));
    expect({ ...shown, grant: undefined }).toEqual(await api(`/connections/${slug}`));
    expect(Object.keys(shown.grant ?? {})).toEqual(Object.keys((await api(`/connections/${slug}/grant`)) as object));
    expect(listed.items.map((one) => ({ ...one, grant: undefined }))).toEqual(
      ((await api('/connections')) as { items: object[] }).items,
    );
  }, 60_000);

  test.each([
    ['1 for a 4xx', ['GET', '/nowhere'], 1, /^404 Not Found/],
    ['2 for a path that leads elsewhere', ['GET', '//example.org/'], 2, /A path names no host/],
    ['2 for a method that is refused', ['TRACE', '/'], 2, /TRACE/],
  ])('ends with %s', async (_what, args, code, says) => {
    const done = await call(...args);

    expect(done.code).toBe(code);
    expect(done.err).toMatch(says);
  });

  test('ends with 2 for a connection there is not, and names it', async () => {
    expect(await callbook(['call', 'nobody', 'GET', '/'], place())).toMatchObject({
      code: 2,
      out: '',
      err: 'There is no connection "nobody".\n',
    });
  });

  test('ends with 1 where Callbook itself would be called, and with 3 where nobody answers', async () => {
    const closed = await openApi();
    await closed[Symbol.asyncDispose]();
    const own = await owner.connect({ provider, apiOrigin: app.origin, authType: 'none', name: 'Own' });
    const gone = await owner.connect({ provider, apiOrigin: closed.origin, authType: 'none', name: 'Gone' });
    const { port } = new URL(app.origin);

    const refused = await callbook(['call', own, 'GET', '/healthz'], { ...place(), env: { PORT: port } });
    const nobody = await callbook(['call', gone, 'GET', '/', '--json'], place());

    expect(refused).toMatchObject({ code: 1, out: '', err: expect.stringContaining('failed (refused-address)') });
    expect(nobody).toMatchObject({ code: 3, err: expect.stringMatching(/failed \(connect\)/) });
    expect(JSON.parse(nobody.out)).toMatchObject({ outcome: 'failed', reason: 'connect', status: null, body: null });
  }, 60_000);

  test('shows no secret, whatever the API says back', async () => {
    const answers = [
      await call('POST', '/echo', '--json'),
      await call('GET', '/echo', '-i'),
      await callbook(['connections', 'show', slug], place()),
      await callbook(['connections', 'show', slug, '--json'], place()),
      await callbook(['connections', 'list', '--json'], place()),
      await callbook(['doctor', '--json'], place()),
    ];

    expect(answers.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0, 0]);
    const said = answers.map(({ out, err }) => out + err).join('\n');
    expect(said).toContain('*redacted*');
    expect(provider.secrets().filter((secret) => said.includes(secret))).toEqual([]);
  }, 60_000);

  test('leaves no instance behind, and none of the server disturbed', async () => {
    await call('GET', '/echo');

    expect(column(app, 'select pid from instance')).toEqual([app.pid]);
    expect(column(app, 'select outcome from exchange')).not.toContain('pending');
    expect(column(app, 'select outcome from exchange')).not.toContain('interrupted');
  }, 60_000);

  test('is recorded as aborted when it is interrupted', async () => {
    const child = startCallbook(['call', slug, 'POST', '/slow?ms=60000'], place());
    const end = ended(child);
    await arrived(api, '/slow');
    const present = column(app, 'select pid from instance order by id');
    child.kill('SIGINT');
    const { code, err } = await end;

    expect(present).toEqual([app.pid, child.pid]);
    expect(code).toBe(3);
    expect(err).toMatch(/recorded as aborted.*failed \(aborted\)/s);
    expect((await owner.get(`/exchanges/${ID.exec(err)?.[1]}`)).text).toContain('The call was cancelled.');
  }, 60_000);

  test('ends quietly when its reader has seen enough', async () => {
    const child = startCallbook(['call', slug, 'GET', '/bytes?size=4000000'], place());
    const exited = once(child, 'exit');
    let err = '';
    child.stderr?.on('data', (piece) => (err += String(piece)));
    child.stdout?.once('data', () => child.stdout?.destroy());
    child.stdin?.end();

    expect(await exited).toEqual([0, null]);
    expect(err).toMatch(/^200 OK, [^\n]*\n$/);
  }, 60_000);

  test('asks which workspace, where there are several, and takes its word for it', async () => {
    await callbook(['workspaces', 'create', 'Second', '--owner', OWNER.email], place());
    const unclear = await call('GET', '/echo');
    const clear = await call('GET', '/echo', '--workspace', 'workspace');
    const elsewhere = await call('GET', '/echo', '--workspace', 'second');

    expect(unclear).toMatchObject({ code: 2, err: expect.stringMatching(/second, workspace.*--workspace SLUG/) });
    expect(clear.code).toBe(0);
    expect(elsewhere).toMatchObject({ code: 2, err: `There is no connection "${slug}".\n` });
  }, 60_000);
});

describe('a call whose grant needs a person', () => {
  test('ends with 1, says so and sends nothing', async () => {
    await using provider = await openProvider();
    await using api = await openApi({ provider });
    await using app = await runApp();
    const owner = new Client(app.origin);
    await owner.post('/sign-in', OWNER);
    const slug = await owner.connect({
      provider,
      apiOrigin: api.origin,
      grantType: 'authorization_code',
      authorizationUrl: provider.authorizationUrl,
    });

    const { code, out, err } = await callbook(['call', slug, 'POST', '/orders'], app);

    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/consent/i);
    expect(api.log).toEqual([]);
  }, 60_000);
});

function column({ folder }: RunningApp, query: string): unknown[] {
  const database = new Database(join(folder, 'callbook.db'), { readonly: true, timeout: 5_000 });
  try {
    return database.prepare(query).pluck().all();
  } finally {
    database.close();
  }
}

async function arrived(api: Api, path: string): Promise<void> {
  const giveUp = performance.now() + 30_000;
  while (!api.log.some((one) => one.path === path) && performance.now() < giveUp)
    await new Promise((resolve) => setTimeout(resolve, 20));
}
