import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Api, openApi } from '../support/api.ts';
import { openApp, type TestApp } from '../support/app.ts';
import type { Client } from '../support/client.ts';
import { keptCalls } from '../support/kept-exchanges.ts';
import { openProvider, type Provider } from '../support/provider.ts';

const CALL = { method: 'GET', path: '/orders', headers: '', body: '', contentType: 'none' };

let app: TestApp;
let api: Api;
let provider: Provider;
let owner: Client;
let slug: string;

beforeAll(async () => {
  provider = await openProvider();
  api = await openApi({ provider });
  app = await openApp();
  owner = await app.owner();
  slug = await owner.connect({ provider, apiOrigin: `${api.origin}/v1` });
});

afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await api[Symbol.asyncDispose]();
  await provider[Symbol.asyncDispose]();
});

const send = (fields: Record<string, string>, to = slug) =>
  owner.post(`/connections/${to}/exchanges`, { ...CALL, ...fields });

/** Nothing left, nothing was asked for, nothing was written down. */
function expectNothingSent(): void {
  expect(api.log).toEqual([]);
  expect(provider.asked.total).toBe(0);
  expect(keptCalls(app.databaseFile)).toEqual([]);
}

describe('a call that may not be sent', () => {
  const long = 'x'.repeat(16 * 2 ** 20 + 1);

  test.each<[string, Record<string, string>, string]>([
    ['names a host by two slashes', { path: '//evil.example/x' }, 'names no host'],
    ['names another host', { path: 'https://evil.example/x' }, 'names no host'],
    ['names a scheme', { path: 'javascript:alert(1)' }, 'names no host'],
    ['holds a backslash', { path: '/\\evil.example' }, 'holds no backslash'],
    ['climbs out', { path: '/../../admin' }, 'leads out of the base URL'],
    ['climbs out encoded', { path: '/%2e%2e/admin' }, 'leads out of the base URL'],
    ['climbs out encoded in capitals', { path: '/a/%2E%2E/%2E%2E/admin' }, 'leads out of the base URL'],
    ['climbs out by an encoded slash', { path: '/..%2fadmin' }, 'leads out of the base URL'],
    ['has a line break in its path', { path: '/a\r\nX-Injected: 1' }, 'no line breaks'],
    ['has a NUL in its path', { path: '/a\u0000b' }, 'no control characters'],
    ['has a fragment', { path: '/a#b' }, 'has no fragment'],
    ['is a TRACE', { method: 'TRACE' }, 'TRACE cannot be sent'],
    ['is a CONNECT', { method: 'connect' }, 'CONNECT cannot be sent'],
    ['has a method of two words', { method: 'GET /x' }, 'no valid method'],
    ['sets host', { headers: 'Host: evil.example' }, 'sets host itself'],
    ['sets content-length', { headers: 'Content-Length: 3' }, 'sets content-length itself'],
    ['sets transfer-encoding', { headers: 'Transfer-Encoding: chunked' }, 'sets transfer-encoding itself'],
    ['sets connection', { headers: 'Connection: X-Secret' }, 'sets connection itself'],
    ['sets upgrade', { headers: 'Upgrade: h2c' }, 'sets upgrade itself'],
    ['sets proxy headers', { headers: 'Proxy-Authorization: Basic eA==' }, 'cannot be set by hand'],
    ['sets fetch metadata', { headers: 'Sec-Fetch-Site: none' }, 'cannot be set by hand'],
    ['sets authorization', { headers: 'Authorization: Bearer mine' }, 'sets authorization itself'],
    ["sets Callbook's own", { headers: 'Callbook-Exchange: 1' }, "Callbook's own headers"],
    ['has a header without a name', { headers: ': value' }, 'not of the form'],
    ['has a header without a colon', { headers: 'nonsense' }, 'not of the form'],
    ['has a header name with a space', { headers: 'X One: 1' }, 'no valid header name'],
    ['has a header value beyond Latin 1', { headers: 'X-One: 日本' }, 'no header may hold'],
    ['has a body beyond 16 MiB', { method: 'POST', body: long }, 'at most 16 MiB'],
  ])('%s: 422, the form as typed, nothing sent', async (_what, fields, words) => {
    const reply = await send(fields);

    expect(reply.status).toBe(422);
    expect(reply.text).toContain(words.replaceAll("'", '&#39;'));
    expect(reply.text).toContain('name="path"');
    expectNothingSent();
  });

  test('says all that is wrong at once, each beside its field', async () => {
    const reply = await send({ method: 'TRACE', path: '/../..', headers: 'Host: a' });

    expect(reply.status).toBe(422);
    for (const words of ['TRACE cannot be sent', 'leads out of the base URL', 'sets host itself'])
      expect(reply.text).toContain(words);
    expect(reply.text).toContain('value="/../.."');
    expect(reply.text).toContain('Host: a</textarea>');
    expectNothingSent();
  });

  test('is refused with 413 where its form is larger than 24 MiB, and the next one is read', async () => {
    const reply = await send({ method: 'POST', body: 'x'.repeat(24 * 2 ** 20) });
    const next = await send({ path: '//' });

    expect([reply.status, next.status]).toEqual([413, 422]);
    expectNothingSent();
  });

  test('belongs to no connection', async () => {
    expect((await send({}, 'nobody')).status).toBe(404);
    expectNothingSent();
  });
});
