import { describe, expect, test } from '@jest/globals';
import { openApi } from '../support/api.ts';
import { openApp, type TestApp } from '../support/app.ts';
import { newKey } from '../support/keys.ts';

const MiB = 1024 * 1024;
const OPEN = { name: 'Open', timeoutMs: 30_000, auth: { type: 'none' } };

/** Sends a text as JSON with a key, in whatever case the path is. */
async function sendText(app: TestApp, path: string, key: string, text: string) {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', connection: 'close' };
  const reply = await fetch(new URL(path, app.url), { method: 'POST', headers, body: text });
  return { status: reply.status, json: (await reply.json()) as Record<string, unknown> };
}

describe('a program with a key', () => {
  test('is told where its JSON breaks off, and nothing of it', async () => {
    await using app = await openApp();
    const key = await newKey(await app.owner(), 'editor');

    const { status, json } = await sendText(app, '/api/v1/connections', key, '{"name": "hunter2" "slug": 1}');

    expect(status).toBe(400);
    expect(json).toMatchObject({ type: '/problems/malformed', offset: 19 });
    expect(JSON.stringify(json)).not.toContain('hunter2');
  });

  test('may send large calls, and nothing else that is large', async () => {
    await using app = await openApp();
    await using api = await openApi();
    const key = await newKey(await app.owner(), 'editor');
    await sendText(app, '/api/v1/connections', key, JSON.stringify({ ...OPEN, baseUrl: api.origin }));
    const call = { method: 'POST', path: '/echo', body: 'x'.repeat(2 * MiB) };

    const sent = await sendText(app, '/api/v1/connections/open/exchanges', key, JSON.stringify(call));
    const made = await sendText(
      app,
      '/api/v1/connections',
      key,
      JSON.stringify({ ...OPEN, name: 'x'.repeat(2 * MiB) }),
    );

    expect(sent).toMatchObject({ status: 201, json: { outcome: 'answered', sentBy: 'API key editor for a test' } });
    expect(made.status).toBe(413);
    expect(api.log.map(({ bytes }) => bytes)).toEqual([2 * MiB]);
  });
});

describe('a page of another site in the browser of somebody signed in', () => {
  test.each(['/api/v1/connections', '/API/V1/connections', '/Api/v1/Connections'])(
    'changes nothing by way of %s',
    async (path) => {
      await using app = await openApp();
      const owner = await app.owner();
      const input = { ...OPEN, baseUrl: 'https://api.example' };

      const foreign = await owner.postJson(path, input, { 'sec-fetch-site': 'cross-site' });
      const untold = await owner.postJson(path, input, { 'sec-fetch-site': '' });
      const { items } = (await owner.get('/api/v1/connections')).json<{ items: unknown[] }>();

      expect([foreign.status, untold.status]).toEqual([403, 403]);
      expect(items).toEqual([]);
    },
  );

  test.each(['/proxy/open/orders', '/Proxy/open/orders', '/PROXY/open/orders'])(
    'gets no page of an API by way of %s',
    async (path) => {
      await using app = await openApp();
      await using api = await openApi();
      const owner = await app.owner();
      const made = await owner.postJson('/api/v1/connections', { ...OPEN, baseUrl: api.origin });

      const reply = await owner.get(path);

      expect(made.status).toBe(201);
      expect(reply.status).toBe(401);
      expect(api.log).toEqual([]);
    },
  );
});
