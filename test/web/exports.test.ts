import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { expectedBytes } from '../support/api-routes.ts';
import { AWKWARD_BODIES } from '../support/awkward-bodies.ts';
import { harEntries } from '../support/har.ts';
import { keptCalls } from '../support/kept-exchanges.ts';
import { connected, openWorld, sentCall, type World } from './api/world.ts';

let world: World;
let slug: string;
beforeAll(async () => {
  world = await openWorld();
  slug = await connected(world);
});
afterAll(async () => world[Symbol.asyncDispose]());

const sent = async (json: object) => (await sentCall(world, slug, json)).id;

async function exported(format: string, query = ''): Promise<string> {
  const reply = await world.viewer.ask('GET', `/api/v1/exchanges.${format}${query}`);
  expect(reply.status).toBe(200);
  return reply.text;
}

async function entryOf(id: string) {
  const page = await world.browser.get(`/exchanges/${id}/har`);
  const entries = harEntries(page.text);
  expect(entries.map(({ _callbook }) => _callbook.id)).toEqual([id]);
  return entries[0]!;
}

describe('one exchange as HAR', () => {
  test('says what was sent and what came back', async () => {
    const headers = [
      ['Content-Type', 'application/x-www-form-urlencoded'],
      ['X-Twice', 'one'],
      ['X-Twice', 'two'],
    ];
    const body = 'name=a%20b&name=%C3%A9';
    const id = await sent({ method: 'POST', path: '/orders?limit=2&q=a+b', headers, body });
    const { request, response, timings, time, _callbook } = await entryOf(id);

    expect(request).toMatchObject({ method: 'POST', httpVersion: 'HTTP/1.1', cookies: [], bodySize: body.length });
    expect(request.queryString).toEqual([
      { name: 'limit', value: '2' },
      { name: 'q', value: 'a b' },
    ]);
    expect(request.headers.filter(({ name }) => name === 'X-Twice').map(({ value }) => value)).toEqual(['one', 'two']);
    expect(request.postData).toEqual({
      mimeType: 'application/x-www-form-urlencoded',
      text: body,
      params: [
        { name: 'name', value: 'a b' },
        { name: 'name', value: 'é' },
      ],
    });
    expect(response).toMatchObject({ status: 201, statusText: 'Created', redirectURL: '', bodySize: 144 });
    expect(response.content).toMatchObject({ size: 144, mimeType: 'application/json' });
    expect(response.content.text).toContain('9007199254740993');
    expect(_callbook).toMatchObject({ kind: 'call', connection: slug, outcome: 'answered', attempts: 1, hops: [] });
    const { ssl: _, ...phases } = timings;
    expect(time).toBeCloseTo(
      Object.values(phases).reduce((sum, ms) => sum + Math.max(ms, 0), 0),
      6,
    );
    expect(timings['ssl']).toBe(-1);
  });

  test.each(Object.entries(AWKWARD_BODIES))(
    'holds every byte of a body: %s',
    async (name, { decoded, wire, ...body }) => {
      const { response } = await entryOf(await sent({ method: 'GET', path: `/awkward/${name}` }));
      const { text = '', encoding = 'utf8', size, compression, comment } = response.content;
      const kept = decoded.subarray(0, 16 * 2 ** 20);

      expect(Buffer.from(text, encoding as BufferEncoding).equals(kept)).toBe(true);
      expect([size, response.bodySize]).toEqual([kept.length, wire.length]);
      const isWhole = kept.length === decoded.length;
      expect(comment === undefined).toBe(isWhole);
      if (body.contentEncoding && isWhole) expect(compression).toBe(decoded.length - wire.length);
    },
  );

  test('holds a request that is no text, and bodies of many pieces', async () => {
    const bytes = expectedBytes(1_000_001);
    const binary = await entryOf(await sent({ method: 'POST', path: '/orders', bodyBase64: bytes.toString('base64') }));
    const letters = 'ä€😀"\\\n'.repeat(70_000);
    const text = await entryOf(await sent({ method: 'POST', path: '/orders', body: letters }));

    expect(binary.request.postData?.['_encoding']).toBe('base64');
    expect(Buffer.from(binary.request.postData?.text ?? '', 'base64').equals(bytes)).toBe(true);
    expect(text.request.postData?.text === letters).toBe(true);
  });

  test('of a call without an answer has status 0 and says why', async () => {
    const nowhere = await connected(world, {}, { slug: 'nowhere', baseUrl: 'http://127.0.0.1:1025' });
    const reply = await world.editor.ask('POST', `/api/v1/connections/${nowhere}/exchanges`, {
      json: { method: 'GET', path: '/x' },
    });
    const { response, _callbook } = await entryOf(reply.json<{ id: string }>().id);

    expect(response).toMatchObject({ status: 0, statusText: '', headers: [], bodySize: -1, redirectURL: '' });
    expect(response.content).toEqual({ size: 0, mimeType: 'x-unknown' });
    expect(response['_error']).toBeTruthy();
    expect(_callbook).toMatchObject({ outcome: 'failed', reason: 'connect' });
  });

  test('of several requests on the wire is one entry that tells of each', async () => {
    const { request, response, comment, _callbook } = await entryOf(
      await sent({ method: 'GET', path: '/redirect?to=/orders' }),
    );

    expect([request.url.endsWith('/redirect?to=/orders'), response.status]).toEqual([true, 200]);
    expect(_callbook['hops']).toMatchObject([{ status: 302 }, { status: 200 }]);
    expect(comment).toContain('_callbook.hops');
  });

  test('keeps what is masked masked, cookies too', async () => {
    const { request } = await entryOf(
      await sent({ method: 'GET', path: '/orders?access_token=abcdefgh12345', headers: [['Cookie', 'a=b']] }),
    );

    expect(JSON.stringify(request)).not.toContain('abcdefgh12345');
    expect([request.cookies, request.queryString]).toEqual([[], [{ name: 'access_token', value: '*redacted*' }]]);
  });
});

describe('a selection', () => {
  test('is what the list shows, newest first, in every format', async () => {
    await Promise.all(Array.from({ length: 230 }, () => sent({ method: 'PUT', path: '/orders', body: 'x' })));
    const wanted = keptCalls(world.app.databaseFile)
      .filter(({ method }) => method === 'PUT')
      .map(({ id }) => id);

    const har = harEntries(await exported('har', '?method=put')).map(({ _callbook }) => _callbook.id);
    const lines = (await exported('jsonl', '?method=PUT')).trimEnd().split('\n');
    const documents = lines.map((line) => JSON.parse(line) as { id: string; requestBody: object });
    const csv = (await exported('csv', '?method=PUT')).split('\r\n');

    expect(har.toSorted()).toEqual(wanted.toSorted());
    expect(documents.map(({ id }) => id)).toEqual(har);
    expect(documents[0]?.requestBody).toMatchObject({ bytes: 1, text: 'x' });
    expect(csv.slice(1, -1).map((line) => line.split(',').at(-1))).toEqual(har);
    const { items } = (await world.viewer.ask('GET', '/api/v1/exchanges?method=PUT&limit=100')).json<{
      items: { id: string }[];
    }>();
    expect(har.slice(0, 100)).toEqual(items.map(({ id }) => id));
  });

  test('is a line of the API’s own document, with its bodies', async () => {
    const id = await sent({ method: 'DELETE', path: '/awkward/html' });
    const shown = (await world.viewer.ask('GET', `/api/v1/exchanges/${id}`)).json();
    const line = JSON.parse(await exported('jsonl', '?method=DELETE')) as Record<string, Record<string, unknown>>;

    const { text, base64, ...facts } = line['responseBody']!;
    expect({ ...line, responseBody: facts }).toEqual(shown);
    expect(Buffer.byteLength(text as string) || Buffer.from(base64 as string, 'base64').length).toBe(facts['bytes']);
  });

  test('as CSV has a heading, quotes what has to be, and lets no spreadsheet calculate', async () => {
    const id = await sent({ method: 'PATCH', path: '/orders' });
    const notes = { '=1+1': `'=1+1`, '+1': `'+1`, '-1': `'-1`, '@x': `'@x`, 'a, "b"': '"a, ""b"""' };
    for (const [note, cell] of Object.entries(notes)) {
      await world.editor.ask('PUT', `/api/v1/exchanges/${id}/pin`, { json: { note } });
      const csv = await exported('csv', '?method=PATCH');
      expect(csv).toMatch(/^\ufeffStarted,Method,URL,Outcome,Status,[^\r\n]+,Pin,Id\r\n/);
      expect(csv.slice(-`,${cell},${id}\r\n`.length)).toBe(`,${cell},${id}\r\n`);
    }
  });

  test('as CSV has milliseconds to the microsecond, as they were measured', async () => {
    const id = await sent({ method: 'PATCH', path: '/orders' });
    const shown = await world.viewer.ask('GET', `/api/v1/exchanges/${id}`);
    const { total } = shown.json<{ timings: { total: number } }>().timings;
    const [heading = '', newest = ''] = (await exported('csv', '?method=PATCH')).split('\r\n');
    const cell = newest.split(',')[heading.split(',').indexOf('Milliseconds')] ?? '';

    expect(cell).toMatch(/^\d+(?:\.\d{1,3})?$/);
    expect(Math.abs(Number(cell) - total)).toBeLessThan(0.001);
  });

  test('of nothing says so, to people and to programs', async () => {
    for (const format of ['har', 'jsonl', 'csv']) {
      const reply = await world.viewer.ask('GET', `/api/v1/exchanges.${format}?method=TRACE`);
      expect([reply.status, reply.problem]).toEqual([404, 'not-found']);
      expect(reply.json()).toMatchObject({ detail: expect.stringContaining('nothing to export') });
      const page = await world.browser.get(`/exchanges.${format}?method=TRACE`);
      expect([page.status, page.text.includes('nothing to export')]).toEqual([404, true]);
    }
    expect((await world.viewer.ask('GET', '/api/v1/exchanges.har?status=abc')).problem).toBe('invalid-input');
    expect((await world.viewer.ask('GET', '/api/v1/exchanges.har?colour=red')).problem).toBe('invalid-input');
  });

  test('is offered by the history with its filters, and comes as a file that no browser runs', async () => {
    await sent({ method: 'PUT', path: '/orders' });
    const { text } = await world.browser.get('/exchanges?method=PUT');
    expect(text).toContain('href="/exchanges.har?method=PUT"');
    const page = await world.browser.get('/exchanges.csv?method=PUT');
    expect(Object.fromEntries(page.headers)).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': expect.stringMatching(/^attachment; filename="callbook-exchanges-[\d-]+\.csv"$/),
      'content-security-policy': "sandbox; default-src 'none'",
    });
  });

  test('leaves out what is deleted meanwhile, and breaks off where a body is gone', async () => {
    const [first, second] = [
      await sent({ method: 'HEAD', path: '/orders' }),
      await sent({ method: 'OPTIONS', path: '/bytes?size=9' }),
    ];
    expect(harEntries(await exported('har', '?method=HEAD'))).toHaveLength(1);
    const database = new Database(world.app.databaseFile);
    database
      .prepare('delete from body_chunk where body_id = (select response_body_id from exchange where id = ?)')
      .run(second);
    database.close();

    await expect(exported('har', '?method=OPTIONS')).rejects.toThrow();
    expect(harEntries(await exported('har', '?method=HEAD'))[0]?.['_callbook'].id).toBe(first);
  });

  test('is read no further once nobody waits for it', async () => {
    for (let at = 0; at < 4; at += 1) await sent({ method: 'GET', path: `/bytes?size=${9_000_000 + at}` });
    const request = httpRequest(`${world.app.url}/exchanges.jsonl`, {
      headers: { cookie: [...world.browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
    });
    request.end();
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    await once(answer, 'data');
    answer.destroy();
    await once(answer, 'close');

    expect((await world.viewer.ask('GET', '/api/v1/exchanges?limit=1')).status).toBe(200);
  });
});
