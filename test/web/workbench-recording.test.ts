import { describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { type Api, openApi } from '../support/api.ts';
import { openApp, type TestApp } from '../support/app.ts';
import type { Client } from '../support/client.ts';
import { hold } from '../support/faults.ts';
import { keptCalls, rowsOf } from '../support/kept-exchanges.ts';
import { join } from '../support/people.ts';
import { openProvider, type Provider } from '../support/provider.ts';

interface Desk extends AsyncDisposable {
  readonly app: TestApp;
  readonly api: Api;
  readonly provider: Provider;
  readonly owner: Client;
  readonly slug: string;
}

/** A signed-in owner with one connection by client credentials. */
async function openDesk(fields: Record<string, string> = {}, settings: Record<string, string> = {}): Promise<Desk> {
  const stack = new AsyncDisposableStack();
  const provider = stack.use(await openProvider());
  const api = stack.use(await openApi({ provider }));
  const app = stack.use(await openApp(settings));
  const owner = await app.owner();
  const slug = await owner.connect({ provider, apiOrigin: api.origin, ...fields });
  return { app, api, provider, owner, slug, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** So many senders' calls at once: one person has 128 places at most. */
async function crowdOf(app: TestApp, calls: number, send: (one: Client) => ReturnType<Client['post']>) {
  const people = await Promise.all([1, 2, 3].map(() => join(app, 'editor')));
  return Array.from({ length: calls }, (_, at) => send(people[at % people.length] as Client));
}

const POST = { method: 'POST', path: '/orders', headers: '', body: '{"item":"ink"}', contentType: 'json' };

describe('an unsafe call', () => {
  test('is in the database, committed and masked, before its first byte leaves', async () => {
    await using desk = await openDesk();
    const { api, owner, slug, app, provider } = desk;
    const blocked = hold('request');
    api.next(blocked.fault);

    const sending = owner.post(`/connections/${slug}/exchanges`, POST);
    await blocked.reached;
    const [during] = keptCalls(app.databaseFile);
    const again = await owner.get('/exchanges?outcome=pending');
    blocked.release();
    const { status } = await sending;
    const [after] = keptCalls(app.databaseFile);

    expect(during).toMatchObject({ method: 'POST', outcome: 'pending', status: null, attempts: 1, generation: 1 });
    expect(during?.requestHeaders).toContainEqual(['authorization', '*redacted*']);
    expect(JSON.stringify(during)).not.toContain(provider.secrets().at(-1));
    expect(during?.requestBody?.bytes).toBe(14);
    expect(again.text).toContain(`/exchanges/${during?.id}`);
    expect(status).toBe(303);
    expect(after).toMatchObject({ id: during?.id, outcome: 'answered', status: 200 });
  });

  test('is pending once more, with its new generation, before it is sent again', async () => {
    await using desk = await openDesk();
    const { api, owner, slug, app } = desk;
    const blocked = hold('request');
    api.refuse();
    api.next(blocked.fault);

    const sending = owner.post(`/connections/${slug}/exchanges`, POST);
    await blocked.reached;
    const [during] = keptCalls(app.databaseFile);
    blocked.release();
    await sending;
    const rows = keptCalls(app.databaseFile);

    expect(during).toMatchObject({ outcome: 'pending', attempts: 2, generation: 2 });
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ outcome: 'answered', status: 200, attempts: 2, generation: 2 });
    expect(rows[0]?.hops.map(({ attempt, status }) => [attempt, status])).toEqual([
      [1, 401],
      [2, 200],
    ]);
    expect(new Set(api.tokensSeen()).size).toBe(2);
  });

  test('is not sent again after a 401 where the connection says so', async () => {
    await using desk = await openDesk({ resendUnsafeOn401: '' });
    const { api, owner, slug, app, provider } = desk;
    api.refuse({ times: 2 });

    await owner.call(slug, 'POST', '/orders', POST);
    const calls = api.log.length;
    await owner.call(slug, 'GET', '/orders');

    expect(calls).toBe(1);
    expect(keptCalls(app.databaseFile)).toMatchObject([
      { status: 401, attempts: 1, generation: 1 },
      { status: 200, attempts: 2, generation: 2 },
    ]);
    expect(provider.asked.total).toBe(2);
  });

  test('that finds no place in the line leaves nothing behind', async () => {
    await using desk = await openDesk({ width: '256' }, { CALL_WIDTH: '1' });
    const { api, owner, slug, app } = desk;
    await owner.call(slug, 'GET', '/orders');
    const blocked = hold('request');
    api.next(blocked.fault);
    const inAir = owner.call(slug, 'GET', '/orders');
    await blocked.reached;
    const replies = await crowdOf(app, 257, (one) => one.post(`/connections/${slug}/exchanges`, POST));
    const first = await Promise.race(replies);
    blocked.release();
    await inAir;
    const all = await Promise.all(replies);

    expect(first.status).toBe(503);
    expect(first.text).toContain('Nothing was sent');
    expect(all.filter(({ status }) => status === 503)).toHaveLength(1);
    expect(keptCalls(app.databaseFile).filter(({ method }) => method === 'POST')).toHaveLength(256);
    expect(api.log.filter(({ method }) => method === 'POST')).toHaveLength(256);
  });

  test('whose resend finds no place in the line is recorded as the 401 it got', async () => {
    await using desk = await openDesk({}, { CALL_WIDTH: '1' });
    const { api, owner, slug, app, provider } = desk;
    const other = await owner.connect({ provider, apiOrigin: api.origin, name: 'Other', width: '256' });
    for (const one of [slug, other]) await owner.call(one, 'GET', '/orders');
    const atProvider = hold('request');
    const atApi = hold('request');
    provider.next(atProvider.fault);
    api.refuse();
    api.next(atApi.fault);

    const refused = owner.post(`/connections/${slug}/exchanges`, POST);
    await atProvider.reached;
    const crowd = await crowdOf(app, 258, (one) =>
      one.post(`/connections/${other}/exchanges`, { ...POST, method: 'GET' }),
    );
    await Promise.race(crowd);
    atProvider.release();
    const { status } = await refused;
    const [row] = keptCalls(app.databaseFile).filter(({ method }) => method === 'POST');
    atApi.release();
    await Promise.all(crowd);

    expect(status).toBe(303);
    expect(row).toMatchObject({ outcome: 'answered', status: 401, attempts: 1, generation: 1 });
  });
});

describe('a safe call', () => {
  test('is recorded once, at its end', async () => {
    await using desk = await openDesk();
    const { api, owner, slug, app } = desk;
    const blocked = hold('request');
    api.next(blocked.fault);

    const sending = owner.call(slug, 'GET', '/orders?limit=2');
    await blocked.reached;
    const during = keptCalls(app.databaseFile);
    blocked.release();
    const id = await sending;

    expect(during).toEqual([]);
    expect(keptCalls(app.databaseFile)).toMatchObject([{ id, outcome: 'answered', status: 200, attempts: 1 }]);
  });

  test('keeps its headers as they were on the wire, the token excepted', async () => {
    await using desk = await openDesk({ headers: 'Accept: application/json\nX-Default: yes' });
    const { api, owner, slug, app, provider } = desk;

    await owner.call(slug, 'GET', '/orders', { headers: 'X-Case: Kept\nx-twice: 1\nX-Twice: 2' });
    const [kept] = keptCalls(app.databaseFile);

    const token = provider.secrets().at(-1) ?? '';
    const received = api.log
      .at(-1)
      ?.headers.map(([name, value]) => [name, value.includes(token) ? '*redacted*' : value]);
    expect(kept?.requestHeaders).toEqual(received);
    expect(kept?.requestHeaders.map(([name]) => name)).toEqual(
      expect.arrayContaining(['host', 'Accept', 'X-Default', 'X-Case', 'x-twice', 'X-Twice', 'authorization']),
    );
    expect(kept?.sentBy).toBe('owner@example.org');
  });

  test('whose browser goes away is made to its end and recorded', async () => {
    await using desk = await openDesk();
    const { api, owner, slug, app } = desk;
    const blocked = hold('request');
    api.next(blocked.fault);
    const gone = new AbortController();

    const sending = fetch(`${app.url}/connections/${slug}/exchanges`, {
      method: 'POST',
      signal: gone.signal,
      headers: { cookie: [...owner.cookies].map((pair) => pair.join('=')).join('; '), 'sec-fetch-site': 'same-origin' },
      body: new URLSearchParams({ ...POST, method: 'GET' }),
    });
    await blocked.reached;
    gone.abort();
    await expect(sending).rejects.toThrow();
    blocked.release();
    while (keptCalls(app.databaseFile).length === 0) await owner.get('/exchanges');

    expect(keptCalls(app.databaseFile)).toMatchObject([{ method: 'GET', outcome: 'answered', status: 200 }]);
  });
});

describe('a 401', () => {
  test('that names another error than the token is passed through without a renewal', async () => {
    await using desk = await openDesk();
    const { api, owner, slug, app, provider } = desk;
    api.refuse({ wwwAuthenticate: 'Bearer error="insufficient_scope"' });

    await owner.call(slug, 'GET', '/orders');

    expect(provider.asked.total).toBe(1);
    expect(keptCalls(app.databaseFile)).toMatchObject([{ status: 401, attempts: 1 }]);
  });

  test('of ten calls at once that a renewal does not help costs one renewal and 30 s of quiet', async () => {
    await using desk = await openDesk({ width: '16' });
    const { api, owner, slug, app, provider } = desk;
    await owner.call(slug, 'GET', '/orders');
    api.refuse({ times: 40 });

    await Promise.all(Array.from({ length: 10 }, () => owner.call(slug, 'GET', '/orders')));
    const asked = provider.asked.total;
    await owner.call(slug, 'GET', '/orders');

    expect(asked).toBe(2);
    expect(provider.asked.total).toBe(2);
    expect(rowsOf(app.databaseFile, 'select quiet_seconds from "grant"')).toEqual([{ quiet_seconds: 30 }]);
    app.clock.advance(31_000);
    await owner.call(slug, 'GET', '/orders');
    expect(provider.asked.total).toBe(3);
    expect(rowsOf(app.databaseFile, 'select quiet_seconds from "grant"')).toEqual([{ quiet_seconds: 60 }]);
  });
});

describe('a connection that changes while its call is on the way', () => {
  test('to another host gives no new token to the old one', async () => {
    await using desk = await openDesk();
    const { api, owner, slug, provider, app } = desk;
    await using elsewhere = await openApi();
    const atProvider = hold('request');
    provider.next(atProvider.fault);

    const sending = owner.post(`/connections/${slug}/exchanges`, POST);
    await atProvider.reached;
    const moved = await owner.post(`/connections/${slug}`, {
      name: 'Partner',
      baseUrl: elsewhere.origin,
      timeoutMs: '30000',
      width: '8',
      resendUnsafeOn401: 'on',
      authType: 'oauth2',
      grantType: 'client_credentials',
      tokenUrl: provider.tokenUrl,
      clientId: provider.clientId,
      clientSecret: provider.clientSecret ?? '',
      clientAuthentication: 'client_secret_basic',
    });
    atProvider.release();
    const { status, text } = await sending;

    expect(moved.status).toBe(303);
    expect(status).toBe(409);
    expect(text).toContain('Nothing was sent');
    expect(api.log).toEqual([]);
    expect(keptCalls(app.databaseFile)).toEqual([]);
  });

  test('and goes leaves the record of the call, under its name', async () => {
    await using desk = await openDesk();
    const { api, owner, slug, app } = desk;
    const blocked = hold('request');
    api.next(blocked.fault);

    const sending = owner.post(`/connections/${slug}/exchanges`, POST);
    await blocked.reached;
    await owner.post(`/connections/${slug}/deletion`, {});
    blocked.release();
    await sending;

    expect(keptCalls(app.databaseFile)).toMatchObject([{ outcome: 'answered', status: 200, attempts: 1 }]);
    expect((await owner.get('/exchanges')).text).toContain('Partner');
  });
});

describe('a database that is busy when the answer comes', () => {
  test('is told as such and never as success; the call stays visible as pending', async () => {
    await using desk = await openDesk();
    const { api, owner, slug, app } = desk;
    const blocked = hold('request');
    api.next(blocked.fault);

    const sending = owner.post(`/connections/${slug}/exchanges`, POST);
    await blocked.reached;
    const neighbour = new Database(app.databaseFile);
    neighbour.exec('begin immediate');
    blocked.release();
    const { status, text } = await sending;
    neighbour.exec('rollback');
    neighbour.close();

    expect(status).toBe(503);
    expect(text).toContain('The call was sent, but what came of it could not be written down.');
    expect(keptCalls(app.databaseFile)).toMatchObject([{ outcome: 'pending' }]);
  });
});
