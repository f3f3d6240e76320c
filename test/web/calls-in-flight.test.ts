import { describe, expect, test } from '@jest/globals';
import { openApp } from '../support/app.ts';
import { newKey } from '../support/keys.ts';
import { listen } from '../support/listening.ts';
import { join } from '../support/people.ts';
import { Program, withKey } from '../support/program.ts';

const MOST = 128;
const NONE = '0193a5f0-0000-7000-8000-000000000000';

/** An API that answers nobody until it is told to. */
async function openSlowApi() {
  const full = Promise.withResolvers<void>();
  const overfull = Promise.withResolvers<null>();
  const release = Promise.withResolvers<void>();
  let received = 0;
  const listening = await listen(async (_request, response) => {
    received += 1;
    if (received === MOST) full.resolve();
    if (received > MOST) overfull.resolve(null);
    await release.promise;
    response.end('at last');
  });
  return {
    origin: listening.origin,
    received: () => received,
    full: full.promise,
    overfull: overfull.promise,
    release: () => release.resolve(),
    [Symbol.asyncDispose]: () => listening[Symbol.asyncDispose](),
  };
}

describe('a person with 128 calls in flight', () => {
  test('sends no more until one ends, and holds up nobody else', async () => {
    await using app = await openApp({ CALL_WIDTH: '200' });
    await using api = await openSlowApi();
    const owner = await app.owner();
    const open = { name: 'Slow', baseUrl: api.origin, timeoutMs: '60000', width: '200', authType: 'none' };
    await owner.post('/connections', open);
    const fields = { method: 'GET', path: '/', headers: '', body: '', contentType: 'none' };
    const send = (browser = owner) => browser.post('/connections/slow/exchanges', fields);
    const sent = Array.from({ length: MOST }, () => send());
    await api.full;

    const refused = await Promise.race([send(), api.overfull]);
    const colleague = send(await join(app, 'editor'));
    api.release();

    expect(refused?.status).toBe(429);
    expect(refused?.headers.get('retry-after')).toBe('1');
    expect((await colleague).status).toBe(303);
    expect(new Set((await Promise.all(sent)).map(({ status }) => status))).toEqual(new Set([303]));
    expect(api.received()).toBe(MOST + 1);
    expect((await send()).status).toBe(303);
  }, 30_000);
});

describe('a program with 128 calls in flight, however it sends them', () => {
  test('sends no more by any way, and again once they have ended', async () => {
    await using app = await openApp({ CALL_WIDTH: '200' });
    await using api = await openSlowApi();
    const owner = await app.owner();
    const open = { name: 'Slow', baseUrl: api.origin, timeoutMs: '60000', width: '200', authType: 'none' };
    await owner.post('/connections', open);
    const program = new Program(app.url, withKey(await newKey(owner, 'editor')));
    const ways = [
      () => program.ask('POST', '/api/v1/connections/slow/exchanges', { json: { method: 'GET', path: '/' } }),
      () => program.ask('GET', '/proxy/slow/'),
    ];
    const sent = Array.from({ length: MOST }, (_, at) => ways[at % ways.length]!());
    await api.full;

    const over = () =>
      Promise.all([...ways, () => program.ask('POST', `/api/v1/exchanges/${NONE}/replays`)].map((way) => way()));
    const refused = await Promise.race([over(), api.overfull]);
    api.release();
    const ended = await Promise.all(sent);

    expect(refused?.map(({ status, problem }) => `${status} ${problem}`)).toEqual(Array(3).fill('429 too-many'));
    expect(new Set(ended.map(({ status }) => status))).toEqual(new Set([200, 201]));
    expect((await over()).map(({ status }) => status)).toEqual([201, 200, 404]);
  }, 60_000);
});
