import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { openApi } from '../support/api.ts';
import { expectedBytes } from '../support/api-routes.ts';
import { openApp, type TestApp } from '../support/app.ts';
import { AWKWARD_BODIES } from '../support/awkward-bodies.ts';
import type { Client } from '../support/client.ts';
import { hold } from '../support/faults.ts';
import { keptCalls } from '../support/kept-exchanges.ts';
import { openProvider } from '../support/provider.ts';

const NO_PROVIDER = { origin: 'http://127.0.0.1:9', clientId: '', clientSecret: '' };
const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');

/** A connection without credentials. */
function plain(owner: Client, apiOrigin: string, fields: Record<string, string> = {}): Promise<string> {
  return owner.connect({ provider: NO_PROVIDER, apiOrigin, authType: 'none', ...fields });
}

async function download(app: TestApp, owner: Client, path: string) {
  const cookie = [...owner.cookies].map((pair) => pair.join('=')).join('; ');
  const reply = await fetch(app.url + path, { headers: { cookie } });
  return { status: reply.status, headers: reply.headers, bytes: Buffer.from(await reply.arrayBuffer()) };
}

/** The text that stands between a tag's bounds, as a browser reads it. */
function unescaped(html: string): string {
  const names: Record<string, string> = { lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' };
  return html.replaceAll(/&(lt|gt|quot|#39|amp);/g, (_whole, name: string) => names[name] ?? '');
}

/** What stands in the composer of a page. */
function composerOf(page: string) {
  const inside = (pattern: RegExp) => unescaped(pattern.exec(page)?.[1] ?? '');
  return {
    method: inside(/<select[^>]*name="method"[^]*?<option selected>([^<]*)/),
    path: inside(/name="path"[^>]*? value="([^"]*)"/),
    headers: inside(/<textarea[^>]*name="headers"[^>]*>\n?([^]*?)<\/textarea>/),
    body: inside(/<textarea[^>]*name="body"[^>]*>\n?([^]*?)<\/textarea>/).replaceAll('\r\n', '\n'),
    contentType: inside(/<select[^>]*name="contentType"[^]*?<option value="([^"]*)" selected/),
    lineEnds: inside(/<select[^>]*name="lineEnds"[^]*?<option value="([^"]*)" selected/),
  };
}

describe('an awkward answer', () => {
  test('is kept byte for byte, told by its hash and shown escaped, whatever it holds', async () => {
    await using api = await openApi();
    await using app = await openApp();
    const owner = await app.owner();
    const slug = await plain(owner, api.origin);

    for (const [name, { decoded, wire }] of Object.entries(AWKWARD_BODIES)) {
      const id = await owner.call(slug, 'GET', `/awkward/${name}`);
      const page = await owner.get(`/exchanges/${id}`);
      const beside = await owner.get(`/connections/${slug}?exchange=${id}`);
      const file = await download(app, owner, `/exchanges/${id}/response-body`);
      const kept = keptCalls(app.databaseFile).find((call) => call.id === id);

      expect([name, page.status, beside.status, file.status]).toEqual([name, 200, 200, 200]);
      expect([name, file.bytes.equals(decoded)]).toEqual([name, true]);
      expect(kept?.responseBody).toEqual({
        bytes: decoded.length,
        sha256: sha256(decoded),
        truncated: false,
        wireBytes: wire.length,
        wireSha256: sha256(wire),
      });
      expect(page.text + beside.text).not.toContain('<script>document.title');
      expect(page.text).not.toContain('\u0000');
    }
  });

  test('comes down as a file that no browser runs', async () => {
    await using api = await openApi();
    await using app = await openApp();
    const owner = await app.owner();
    const id = await owner.call(await plain(owner, api.origin), 'GET', '/awkward/page-with-script');

    const { headers } = await download(app, owner, `/exchanges/${id}/response-body`);

    expect(headers.get('content-type')).toBe('application/octet-stream');
    expect(headers.get('content-disposition')).toBe(`attachment; filename="partner-${id}-response.html"`);
    expect(headers.get('content-security-policy')).toBe("sandbox; default-src 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('larger than what is kept is cut, counted and hashed to its end', async () => {
    await using api = await openApi();
    await using app = await openApp({ MAX_BODY_BYTES: '300000' });
    const owner = await app.owner();
    const slug = await plain(owner, api.origin);
    const body = 'x'.repeat(300_001);

    const id = await owner.call(slug, 'POST', '/bytes?size=1000000', { body, contentType: 'text' });
    const [kept] = keptCalls(app.databaseFile);
    const file = await download(app, owner, `/exchanges/${id}/response-body`);

    const whole = expectedBytes(1_000_000);
    expect(kept?.responseBody).toEqual({
      bytes: 300_000,
      sha256: sha256(whole.subarray(0, 300_000)),
      truncated: true,
      wireBytes: 1_000_000,
      wireSha256: sha256(whole),
    });
    expect(file.bytes.equals(whole.subarray(0, 300_000))).toBe(true);
    const all = { wireBytes: 300_001, wireSha256: sha256(body) };
    expect(kept?.requestBody).toEqual({ bytes: 300_000, sha256: sha256(body.slice(1)), truncated: true, ...all });
    expect(api.log[0]?.bytes).toBe(300_001);
  });

  test('that ends within a secret does not show the half that came', async () => {
    const bearerToken = 'eyJh-the-first-half-of-it.and-the-second-half-of-it';
    await using api = await openApi();
    await using app = await openApp();
    const owner = await app.owner();
    const slug = await plain(owner, api.origin, { authType: 'bearer', bearerToken, timeoutMs: '500' });
    const body = `before ${bearerToken.slice(0, 30)}`;
    api.next({ status: 200, headers: { 'content-length': '500', 'content-type': 'text/plain' }, body });

    const id = await owner.call(slug, 'GET', '/orders');
    const file = await download(app, owner, `/exchanges/${id}/response-body`);

    expect(keptCalls(app.databaseFile)).toMatchObject([{ outcome: 'failed', status: 200 }]);
    expect(file.bytes.toString()).toBe('before *redacted*');
  });
});

describe('a call without a whole answer', () => {
  test.each([
    ['refused-address', { baseUrl: 'http://169.254.169.254' }, '/latest'],
    ['refused-address', { baseUrl: 'http://[fd00:ec2::254]' }, '/latest'],
    ['dns', { baseUrl: 'http://callbook-test.invalid' }, '/'],
    ['connect', { baseUrl: 'http://127.0.0.1:1025' }, '/'],
    ['tls', { secure: 'yes' }, '/orders'],
    ['timeout', { timeoutMs: '150' }, '/slow?ms=5000'],
    ['protocol', { fault: 'reset' }, '/orders'],
    ['redirect-limit', { fault: 'loop' }, '/orders'],
  ])('is recorded as %s (%j)', async (reason, { secure, fault, ...fields }: Record<string, string>, path) => {
    await using api = await openApi();
    await using app = await openApp();
    const owner = await app.owner();
    const baseUrl = secure ? api.origin.replace('http:', 'https:') : api.origin;
    const slug = await plain(owner, baseUrl, fields);
    const again = { status: 302, headers: { location: '/orders' } };
    if (fault) api.next(...(fault === 'reset' ? ['reset' as const] : Array.from({ length: 7 }, () => again)));

    const id = await owner.call(slug, reason === 'redirect-limit' ? 'GET' : 'POST', path);
    const page = await owner.get(`/exchanges/${id}`);
    const [kept] = keptCalls(app.databaseFile);

    expect(kept).toMatchObject({ id, outcome: 'failed', reason });
    expect(kept?.detail).toMatch(/^[A-Z].*\.$/);
    expect(page.status).toBe(200);
    expect(page.text).not.toContain('[object');
  });

  test('is recorded as aborted when calls are ended', async () => {
    await using api = await openApi();
    await using app = await openApp();
    const owner = await app.owner();
    const slug = await plain(owner, api.origin);
    const blocked = hold('request');
    api.next(blocked.fault);

    const sending = owner.call(slug, 'POST', '/orders');
    await blocked.reached;
    app.running.workings.abortCalls();
    const id = await sending;
    blocked.release();

    expect(keptCalls(app.databaseFile)).toMatchObject([{ id, outcome: 'failed', reason: 'aborted' }]);
  });
});

describe('a redirect to another origin', () => {
  test('takes no token along, and no body at all', async () => {
    const bearerToken = 'a-token-for-one-origin';
    await using api = await openApi();
    await using elsewhere = await openApi();
    await using app = await openApp();
    const owner = await app.owner();
    const slug = await plain(owner, api.origin, { authType: 'bearer', bearerToken, timeoutMs: '500' });
    const to = encodeURIComponent(`${elsewhere.origin}/orders`);

    await owner.call(slug, 'GET', `/redirect?to=${to}`, { headers: 'Cookie: mine=1' });
    await owner.call(slug, 'POST', `/redirect?status=307&to=${to}`, { body: 'to nobody else' });

    expect(api.tokensSeen()).toEqual([bearerToken, bearerToken]);
    expect(elsewhere.log.map(({ method, headers }) => [method, JSON.stringify(headers)])).toEqual([
      ['GET', expect.not.stringMatching(/a-token|mine=1|authorization|cookie/i)],
    ]);
    expect(keptCalls(app.databaseFile)).toMatchObject([
      { status: 200, hops: [{ status: 302 }, { status: 200 }] },
      { status: 307, hops: [{ status: 307 }] },
    ]);
  });

  test('says nothing about the token with a 401 from there', async () => {
    await using provider = await openProvider();
    await using api = await openApi({ provider });
    await using elsewhere = await openApi();
    await using app = await openApp();
    const owner = await app.owner();
    const slug = await owner.connect({ provider, apiOrigin: api.origin });

    await owner.call(slug, 'GET', `/redirect?to=${encodeURIComponent(`${elsewhere.origin}/status/401`)}`);

    expect(provider.asked.total).toBe(1);
    expect(keptCalls(app.databaseFile).at(-1)).toMatchObject({ status: 401, hops: [{ status: 302 }, { status: 401 }] });
  });
});

describe('the composer after sending', () => {
  const typed = {
    method: 'PUT',
    path: '/orders/7?a=1&b=%2F',
    headers: '',
    body: '',
    contentType: 'none',
    lineEnds: 'lf',
  };

  test.each([
    ['JSON', { body: '{"a": 1,\n  "b": "<&>"}', contentType: 'json' }],
    ['headers, in order and twice', { headers: 'X-One: 1\nx-two: <2>\nX-One: 3' }],
    ['a content type of its own', { headers: 'content-type: text/csv', body: 'a,b\n1,2' }],
    ['a content type and no body', { headers: 'content-type: application/json' }],
    [
      'a byte order mark and a body beyond what pages show',
      { body: `\ufeff${'long '.repeat(80_000)}`, contentType: 'text' },
    ],
    ['a method of its own', { method: 'REPORT' }],
    ['line ends that were chosen', { body: 'a\n\nb', contentType: 'text', lineEnds: 'crlf' }],
    ['a leading line break', { body: '\n\nlater', contentType: 'text' }],
  ])('holds %s as it was typed', async (_what, fields) => {
    await using api = await openApi();
    await using app = await openApp();
    const owner = await app.owner();
    const slug = await plain(owner, `${api.origin.replace('http', 'HTTP')}/orders/..`, {
      headers: 'Accept: text/html',
    });
    const wanted = { ...typed, ...fields };

    const id = await owner.call(slug, wanted.method, wanted.path, wanted);
    const first = composerOf((await owner.get(`/connections/${slug}?exchange=${id}`)).text);
    const again = await owner.call(slug, first.method, first.path, first);

    expect(first).toEqual(wanted);
    const [one, two] = keptCalls(app.databaseFile);
    expect(two).toMatchObject({ id: again, url: one?.url, requestHeaders: one?.requestHeaders });
    expect(two?.requestBody).toEqual(one?.requestBody);
  });

  test.each(['header', 'query', 'cookie'])('leaves out a key in the %s, which goes along by itself', async (place) => {
    await using api = await openApi();
    await using app = await openApp();
    const owner = await app.owner();
    const fields = { authType: 'apiKey', apiKeyIn: place, apiKeyName: 'X-Who', apiKeyValue: 'the-key-of-it' };
    const slug = await plain(owner, api.origin, fields);

    const id = await owner.call(slug, 'GET', '/orders?a=1');
    const form = composerOf((await owner.get(`/connections/${slug}?exchange=${id}`)).text);
    await owner.call(slug, form.method, form.path, form);

    expect(form).toMatchObject({ path: '/orders?a=1', headers: '' });
    const sent = api.log.map(
      ({ target, headers }) => JSON.stringify([target, headers]).match(/the-key-of-it/g)?.length,
    );
    expect(sent).toEqual([1, 1]);
  });

  test('never sends the marker of a secret as if it were one', async () => {
    await using api = await openApi();
    await using app = await openApp();
    const owner = await app.owner();
    const slug = await plain(owner, api.origin);
    const fields = { headers: 'X-Api-Key: typed-by-hand', body: '{"password":"hunter2hunter2"}', contentType: 'json' };

    const id = await owner.call(slug, 'POST', '/orders?api_key=typed-too', fields);
    const form = composerOf((await owner.get(`/connections/${slug}?exchange=${id}`)).text);
    const reply = await owner.post(`/connections/${slug}/exchanges`, form);

    expect(form).toMatchObject({ headers: 'X-Api-Key: *redacted*', body: '{"password":"*redacted*"}' });
    expect(reply.status).toBe(422);
    expect(reply.text.match(/Write the secret there/g)?.length).toBe(3);
    expect(api.log).toHaveLength(1);
  });

  test('keeps cookies that were typed beside a key in a cookie', async () => {
    await using api = await openApi();
    await using app = await openApp();
    const owner = await app.owner();
    const fields = { authType: 'apiKey', apiKeyIn: 'cookie', apiKeyName: 'sid', apiKeyValue: 'the-key-of-it' };
    const slug = await plain(owner, api.origin, fields);

    await owner.call(slug, 'GET', '/orders', { headers: 'Cookie: a=1; sid=other; b=2' });

    expect(api.log[0]?.headers).toContainEqual(['cookie', 'a=1; b=2; sid=the-key-of-it']);
  });
});
