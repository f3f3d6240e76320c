import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { Practising } from './practising.ts';

const JSON_BODY = { 'content-type': 'application/json' };

/** A practice API and a token for it, without a person. */
async function withToken(options: { accessTokenSeconds?: number } = {}) {
  const at = await Practising.start(options);
  const reply = await at.ask({ kind: 'client-credentials' }, { ...at.settings, scope: 'orders' });
  if (reply.kind !== 'granted') throw new Error(reply.detail);
  const { accessToken } = reply.tokens;
  const call = (path: string, method = 'GET', body?: object) =>
    at.call(accessToken, path, { method, headers: JSON_BODY, ...(body && { body: JSON.stringify(body) }) });
  return { at, accessToken, call, [Symbol.asyncDispose]: () => at[Symbol.asyncDispose]() };
}

describe('The resource API', () => {
  test.each([
    ['/orders', {}],
    ['/orders', { authorization: 'Bearer unknown' }],
    ['/orders', { authorization: 'Basic YTpi' }],
    ['/orders/order-1001', {}],
    ['/slow?ms=0', {}],
    ['/flaky', {}],
    ['/large', {}],
    ['/echo', {}],
    ['/nowhere', {}],
  ])('lets nobody in without a token: %s %j', async (path, headers) => {
    await using at = await Practising.start();
    const answer = await fetch(`${at.origin}/api${path}`, { headers });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="practice", error="invalid_token"');
  });

  test('lets nobody in with a refresh token or a token in the query', async () => {
    await using at = await Practising.start();
    const { refreshToken, accessToken } = await at.consent();
    expect((await at.call(refreshToken, '/orders')).status).toBe(401);
    expect((await fetch(`${at.origin}/api/orders?access_token=${accessToken}`)).status).toBe(401);
  });

  test('lets nobody in with a token that has expired', async () => {
    await using open = await withToken({ accessTokenSeconds: 1 });
    const endsBy = Date.now() + 5000;
    let answer = await open.call('/orders');
    expect(answer.status).toBe(200);
    while (answer.status === 200 && Date.now() < endsBy) answer = await open.call('/slow?ms=50');
    expect(answer.status).toBe(401);
  });
});

describe('Orders', () => {
  test('are there from the beginning, with a total that no double can hold', async () => {
    await using open = await withToken();
    const answer = await open.call('/orders');
    const text = await answer.text();
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(JSON.parse(text)).toMatchObject({
      count: 3,
      items: [{ id: 'order-1001', quantity: 3, state: 'paid' }, {}, {}],
    });
    expect(text).toContain('"total":9007199254740993}');
  });

  test('are made, read, changed and deleted', async () => {
    await using open = await withToken();
    const made = await open.call('/orders', 'POST', { item: 'Wax', quantity: 2 });
    expect(made.status).toBe(201);
    const path = made.headers.get('location')?.replace('/api', '') ?? '';
    expect(await (await open.call(path)).json()).toMatchObject({ item: 'Wax', quantity: 2, state: 'open' });
    expect(await (await open.call(path, 'PATCH', { state: 'paid' })).json()).toMatchObject({
      item: 'Wax',
      state: 'paid',
    });
    const put = await open.call(path, 'PUT', { item: 'Seal', quantity: 1 });
    expect(await put.json()).toMatchObject({ item: 'Seal', quantity: 1, state: 'paid' });
    expect((await open.call(path, 'DELETE')).status).toBe(204);
    expect((await open.call(path)).status).toBe(404);
    expect((await open.call(path, 'DELETE')).status).toBe(404);
  });

  test('are listed by their state', async () => {
    await using open = await withToken();
    expect(await (await open.call('/orders?state=open')).json()).toMatchObject({
      count: 1,
      items: [{ state: 'open' }],
    });
    expect(await (await open.call('/orders?state=none')).json()).toEqual({ count: 0, items: [] });
  });

  test('do not come back when all were deleted', async () => {
    await using open = await withToken();
    await Promise.all(['1001', '1002', '1003'].map((number) => open.call(`/orders/order-${number}`, 'DELETE')));
    await open.at.restart();
    expect(await (await open.call('/orders')).json()).toEqual({ count: 0, items: [] });
  });

  test.each([
    [{ item: 'Wax' }, 'quantity'],
    [{ quantity: 1 }, 'item'],
    [{ item: '', quantity: 1 }, 'item'],
    [{ item: 7, quantity: 1 }, 'item'],
    [{ item: 'Wax', quantity: 1.5 }, 'quantity'],
    [{ item: 'Wax', quantity: 0 }, 'quantity'],
    [{ item: 'Wax', quantity: '2' }, 'quantity'],
    [{ item: 'Wax', quantity: 1, state: 'eaten' }, 'state'],
    [[], 'JSON object'],
  ])('are refused when they make no sense: %j', async (order, field) => {
    await using open = await withToken();
    const answer = await open.call('/orders', 'POST', order);
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ error: 'invalid-order', message: expect.stringContaining(field) });
  });

  test.each(['__proto__', 'constructor', 'order-1'])('are not found by the name %s', async (id) => {
    await using open = await withToken();
    expect((await open.call(`/orders/${id}`)).status).toBe(404);
  });
});

describe('The odd routes', () => {
  test('take their time', async () => {
    await using open = await withToken();
    const start = performance.now();
    expect(await (await open.call('/slow?ms=120')).json()).toEqual({ waited: 120 });
    expect(performance.now() - start).toBeGreaterThanOrEqual(115);
  });

  test('fail every third time', async () => {
    await using open = await withToken();
    const statuses: number[] = [];
    for (let call = 0; call < 6; call += 1) statuses.push((await open.call('/flaky')).status);
    expect(statuses).toEqual([200, 200, 503, 200, 200, 503]);
  });

  test.each([0, 1, 65_537, 3_000_000])('are as large as was asked: %d bytes', async (bytes) => {
    await using open = await withToken();
    const answer = await open.call(`/large?bytes=${bytes}`);
    expect(answer.headers.get('content-length')).toBe(String(bytes));
    expect((await answer.arrayBuffer()).byteLength).toBe(bytes);
  });

  test('say what they got, the token included', async () => {
    await using open = await withToken();
    const answer = await open.call('/echo?a=1&a=2', 'POST', { big: '9007199254740993' });
    expect(await answer.json()).toMatchObject({
      method: 'POST',
      path: '/api/echo',
      query: 'a=1&a=2',
      body: '{"big":"9007199254740993"}',
      headers: expect.arrayContaining([['authorization', `Bearer ${open.accessToken}`]]),
    });
  });
});

/** Asks for the provider's description on `port`, calling it what the headers say. */
async function described(port: number, headers: Record<string, string>): Promise<{ status: number; text: string }> {
  const asked = request({ host: '127.0.0.1', port, path: '/.well-known/openid-configuration', headers }).end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  return { status: answer.statusCode ?? 0, text: Buffer.concat(await answer.toArray()).toString() };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('A call by another name', () => {
  test.each(['evil.example', 'localhost', '127.0.0.1.evil.example'])('is sent away: %s', async (host) => {
    await using at = await Practising.start();
    const { status, text } = await described(Number(new URL(at.origin).port), { host });
    expect(status).toBe(421);
    expect(text).not.toContain('token_endpoint');
  });

  test('finds the public name in every address, whatever the caller wrote', async () => {
    const port = await freePort();
    await using at = await Practising.start({ port, publicOrigin: 'https://practice.example' });
    expect(at.origin).toBe('https://practice.example');
    const forged = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http' };
    for (const host of ['practice.example', `127.0.0.1:${port}`]) {
      const { status, text } = await described(port, { host, ...forged });
      expect(status).toBe(200);
      expect(JSON.parse(text)).toMatchObject({
        issuer: 'https://practice.example',
        token_endpoint: 'https://practice.example/token',
      });
    }
  });
});
