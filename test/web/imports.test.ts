import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { expectedBytes } from '../support/api-routes.ts';
import { type HarEntry, harEntries } from '../support/har.ts';
import { CHROME_HAR, FIREFOX_HAR, harEntry, harOf } from '../support/hars.ts';
import { connected, openWorld, sentCall, type World } from './api/world.ts';

const IMPORTS = '/api/v1/exchanges/imports';
const JSON_TYPE = { 'content-type': 'application/json' };

interface Came {
  readonly count: number;
  readonly ids: readonly string[];
  readonly exchanges: string;
}

interface Shown extends Record<string, unknown> {
  readonly id: string;
  readonly requestBody: Record<string, unknown> | null;
  readonly responseBody: Record<string, unknown> | null;
  readonly timings: Record<string, number | null>;
  readonly hops: readonly Record<string, unknown>[];
}

let world: World;
let slug: string;
beforeAll(async () => {
  world = await openWorld();
  slug = await connected(world);
});
afterAll(async () => world[Symbol.asyncDispose]());

async function imported(har: string): Promise<Came> {
  const reply = await world.editor.ask('POST', IMPORTS, { body: har, headers: JSON_TYPE });
  expect([reply.status, reply.problem]).toEqual([201, null]);
  const came = reply.json<Came>();
  expect([came.count, reply.headers.get('location')]).toEqual([came.ids.length, came.exchanges]);
  return came;
}

async function shown(id: string): Promise<Shown> {
  return (await world.viewer.ask('GET', `/api/v1/exchanges/${id}`)).json<Shown>();
}

async function bodyOf(id: string, side: 'request' | 'response'): Promise<Buffer> {
  return (await world.viewer.ask('GET', `/api/v1/exchanges/${id}/${side}-body`)).bytes;
}

async function exportedOf(ids: readonly string[]): Promise<readonly HarEntry[]> {
  const files = ids.map(async (id) => harEntries((await world.browser.get(`/exchanges/${id}/har`)).text)[0]!);
  return Promise.all(files);
}

/** What one entry says that another of the same call must say too. Who, which, by what: that is of the import. */
function said({ _callbook, request, response, ...entry }: HarEntry) {
  const { httpVersion: _sent, ...sent } = request as HarEntry['request'] & { httpVersion: string };
  const { httpVersion: _got, content, ...received } = response as HarEntry['response'] & { httpVersion: string };
  // Told of bodies only whose hash on the wire is known.
  const { compression: _, ...rest } = content;
  const { outcome, reason, attempts, total, truncated, hops } = _callbook;
  return {
    ...entry,
    sent,
    received: { ...received, content: rest },
    outcome,
    reason,
    attempts,
    total,
    truncated,
    hops,
  };
}

function withoutWireHash(body: Shown['responseBody']) {
  return body && Object.fromEntries(Object.entries(body).filter(([name]) => name !== 'wireSha256'));
}

describe('what we exported', () => {
  test('comes in as the same calls, every byte and time of them, and goes out once more as it was', async () => {
    const nowhere = await connected(world, {}, { slug: 'nowhere', baseUrl: 'http://127.0.0.1:1025' });
    const bytes = expectedBytes(700_001);
    const calls: [string, object][] = [
      [slug, { method: 'GET', path: '/orders?limit=2&q=a+b' }],
      [
        slug,
        {
          method: 'POST',
          path: '/orders',
          body: 'name=a%20b',
          headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        },
      ],
      [
        slug,
        {
          method: 'PUT',
          path: '/orders',
          bodyBase64: bytes.toString('base64'),
          headers: [
            ['X-Twice', '1'],
            ['x-twice', '2'],
          ],
        },
      ],
      [slug, { method: 'GET', path: '/awkward/html' }],
      [slug, { method: 'GET', path: '/awkward/gzip' }],
      [slug, { method: 'HEAD', path: '/orders' }],
      [slug, { method: 'GET', path: '/redirect?to=/orders' }],
      [slug, { method: 'GET', path: '/bytes?size=20000000' }],
      [nowhere, { method: 'GET', path: '/x' }],
    ];
    const ids: string[] = [];
    for (const [at, json] of calls) ids.push((await sentCall(world, at, json)).id);
    const first = await exportedOf(ids);
    const came = await imported(harOf(...first));
    const second = await exportedOf(came.ids);

    expect(second.map(said)).toEqual(first.map(said));
    for (const [at, id] of ids.entries()) {
      const [before, after] = [await shown(id), await shown(came.ids[at]!)];
      const { timings: _, ...same } = { ...before, timings: null };
      expect(after).toMatchObject({
        ...same,
        id: came.ids[at],
        kind: 'imported',
        connection: null,
        generation: 0,
        sentBy: after['sentBy'],
        sent: null,
        finishedAt: after['finishedAt'],
        detail: after['detail'],
        hops: after.hops,
        responseBody: withoutWireHash(before.responseBody),
      });
      expect(after.timings['total']).toBe(before.timings['total']);
      // HAR tells of several requests by our own member, and of one by nothing.
      expect(after.hops).toEqual(before.hops.length > 1 ? before.hops : []);
    }
    const again = await imported(harOf(...second));
    expect((await exportedOf(again.ids)).map(said)).toEqual(second.map(said));
  });

  test('as one file of a selection comes back as that selection', async () => {
    for (const at of [1, 2, 3]) await sentCall(world, slug, { method: 'PATCH', path: `/orders?at=${at}`, body: 'x' });
    const { text } = await world.viewer.ask('GET', '/api/v1/exchanges.har?method=PATCH&kind=call');
    const { exchanges, count } = await imported(text);
    const listed = (await world.viewer.ask('GET', `${exchanges}&method=PATCH`)).json<{ items: Shown[] }>();

    expect(count).toBe(3);
    expect(listed.items.map(({ kind, url }) => [kind, String(url).at(-1)])).toEqual([
      ['imported', '3'],
      ['imported', '2'],
      ['imported', '1'],
    ]);
  });
});

describe('a body that the file holds in part', () => {
  test('is told as cut, with what went over the wire', async () => {
    const { request, response } = harEntry();
    const [id = ''] = (
      await imported(
        harOf(
          harEntry({
            request: { ...request, bodySize: 999, postData: { mimeType: 'text/plain', text: 'first' } },
            response: { ...response, bodySize: 888 },
            _callbook: {
              outcome: 'answered',
              reason: null,
              attempts: 1,
              total: 12,
              truncated: { request: true, response: true },
              hops: [],
            },
          }),
        ),
      )
    ).ids;

    expect(await shown(id)).toMatchObject({
      requestBody: { bytes: 5, truncated: true, wireBytes: 999 },
      responseBody: { bytes: 14, truncated: true, wireBytes: 888 },
    });
  });
});

describe('what a browser saved', () => {
  test('comes in from Chrome', async () => {
    const [cart, image, video, blocked] = (await imported(CHROME_HAR)).ids as [string, string, string, string];

    expect(await shown(cart)).toMatchObject({
      kind: 'imported',
      connection: null,
      method: 'POST',
      url: 'https://shop.example.org/api/cart?session=s%201',
      requestHeaders: [
        [':authority', 'shop.example.org'],
        [':method', 'POST'],
        ['content-type', 'application/json'],
      ],
      outcome: 'answered',
      status: 201,
      timings: { wait: 2.5, dns: 0.125, connect: 11.25, tls: 10.25, send: 0.25, firstByte: 23.75, receive: 0.5 },
      startedAt: '2026-11-20T15:04:05.678Z',
      finishedAt: '2026-11-20T15:04:05.726Z',
    });
    expect((await bodyOf(cart, 'request')).toString()).toBe('{"item": "ä"}');
    expect((await bodyOf(cart, 'response')).toString()).toBe('{"id": 9007199254740993}\n😀');
    expect((await bodyOf(image, 'response')).toString('latin1')).toBe('GIF8');
    expect((await shown(image)).hops).toEqual([]);
    expect((await shown(video)).responseBody).toMatchObject({ bytes: 0, wireBytes: 1_048_576, truncated: true });
    expect(await shown(blocked)).toMatchObject({
      outcome: 'failed',
      reason: null,
      detail: 'net::ERR_BLOCKED_BY_CLIENT',
      status: null,
      responseHeaders: null,
      responseBody: null,
    });
  });

  test('comes in from Firefox', async () => {
    const [id = ''] = (await imported(FIREFOX_HAR)).ids;

    expect(await shown(id)).toMatchObject({
      status: 302,
      startedAt: '2026-11-20T15:00:01.250Z',
      timings: { wait: 0, dns: 1, connect: 2, tls: 9, firstByte: 30, total: 42 },
      responseBody: { bytes: 0, wireBytes: 210, truncated: false },
    });
    expect((await bodyOf(id, 'request')).toString()).toBe('user=Zo%C3%AB+%26+co&remember=on');
  });

  test('is taken with a byte order mark, with white space around it, and without what we do not need', async () => {
    const { request, response } = harEntry();
    const bare = {
      startedDateTime: '2026-11-22T09:00:00Z',
      request: { method: 'GET', url: 'https://a.example/', headers: [] },
      response: { status: 200, headers: [] },
    };
    for (const har of [
      `\ufeff${harOf(harEntry())}`,
      `\r\n ${harOf(harEntry())} \n`,
      harOf({ ...bare, request, response }),
      JSON.stringify({ log: { entries: [bare] } }),
    ])
      expect((await imported(har)).count).toBe(1);
  });
});
