import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { HeaderPairs } from '../../src/kernel/headers.ts';
import type { ApiClient } from '../../src/outbound/api-client.ts';
import { redirectedRequest } from '../../src/outbound/redirects.ts';
import { callTo, client, httpServer, type Running, TOKEN } from './clients.ts';

interface Seen {
  readonly method: string;
  readonly headers: string;
  readonly body: string;
}

/** A server that notes what arrives; `/STATUS?LOCATION` redirects, anything else is answered with 200. */
async function notingServer(seen: Seen[]): Promise<Running> {
  return await httpServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      seen.push({
        method: request.method!,
        headers: request.rawHeaders.join('\n'),
        body: Buffer.concat(chunks).toString(),
      });
      const [, status, location] = /^\/(3\d\d)\?(.*)$/.exec(request.url!) ?? [];
      if (status) response.writeHead(Number(status), { location: decodeURIComponent(location!) });
      response.end('end');
    });
  });
}

const atHome: Seen[] = [];
const abroad: Seen[] = [];
let home: Running;
let foreign: Running;
let sender: ApiClient;

beforeAll(async () => {
  home = await notingServer(atHome);
  foreign = await notingServer(abroad);
  sender = client();
});

beforeEach(() => {
  atHome.length = 0;
  abroad.length = 0;
});

afterAll(async () => {
  await sender.close();
  await home.stop();
  await foreign.stop();
});

const headers: HeaderPairs = [
  ['Authorization', `Bearer ${TOKEN}`],
  ['Cookie', `sid=${TOKEN}`],
  ['X-Api-Key', TOKEN],
  ['Content-Type', 'application/json'],
  ['Accept', 'a/b'],
];

function redirecting(status: number, location: string, method = 'GET', body: string | null = null) {
  return callTo(`${home.origin}/${status}?${encodeURIComponent(location)}`, {
    method,
    headers,
    body: body === null ? null : Buffer.from(body),
    credentialHeaders: ['x-api-key'],
  });
}

describe('a redirect within the connection’s origins', () => {
  const cases: [status: number, method: string, body: string | null, next: string, nextBody: string][] = [
    [301, 'GET', null, 'GET', ''],
    [302, 'GET', null, 'GET', ''],
    [303, 'GET', null, 'GET', ''],
    [307, 'GET', null, 'GET', ''],
    [308, 'GET', null, 'GET', ''],
    [301, 'POST', 'b', 'GET', ''],
    [302, 'POST', 'b', 'GET', ''],
    [303, 'POST', 'b', 'GET', ''],
    [307, 'POST', 'b', 'POST', 'b'],
    [308, 'POST', 'b', 'POST', 'b'],
    [301, 'PUT', 'b', 'PUT', 'b'],
    [302, 'DELETE', null, 'DELETE', ''],
    [303, 'PUT', 'b', 'GET', ''],
    [303, 'DELETE', null, 'GET', ''],
    [303, 'HEAD', null, 'HEAD', ''],
  ];

  test.each(cases)('%i turns %s with body %j into %s with %j', async (status, method, body, next, nextBody) => {
    const result = await sender.send(redirecting(status, '/done', method, body));

    expect(result.outcome).toMatchObject({ kind: 'answered', status: 200 });
    expect(result.hops.map((hop) => [hop.method, hop.status, hop.attempt])).toEqual([
      [method, status, 1],
      [next, 200, 1],
    ]);
    expect(result.hops[1]!.url).toBe(`${home.origin}/done`);
    expect(atHome[1]).toMatchObject({ method: next, body: nextBody });
    expect(atHome[1]!.headers).toContain(TOKEN);
    expect(atHome[1]!.headers.includes('Content-Type')).toBe(next !== 'GET' || method === 'GET');
  });
});

describe('a redirect to a foreign origin', () => {
  const withBody = [301, 302, 307, 308].map((status) => [status, 'PUT'] as const);

  test.each([301, 302, 303, 307, 308])('%i is followed without token, cookie and injected header', async (status) => {
    const result = await sender.send(redirecting(status, `${foreign.origin}/x`));
    expect(result.outcome).toMatchObject({ kind: 'answered', status: 200 });
    expect(abroad).toHaveLength(1);
    expect(abroad[0]!.headers).toContain('Accept');
    expect(JSON.stringify(abroad)).not.toContain(TOKEN);
  });

  test.each([[301, 'POST'] as const, [303, 'POST'] as const, [303, 'PUT'] as const])(
    '%i of a %s leaves the body behind',
    async (status, method) => {
      await sender.send(redirecting(status, `${foreign.origin}/x`, method, TOKEN));
      expect(abroad).toMatchObject([{ method: 'GET', body: '' }]);
      expect(JSON.stringify(abroad)).not.toContain(TOKEN);
      expect(abroad[0]!.headers).not.toContain('Content-Type');
    },
  );

  test.each([...withBody, [307, 'POST'] as const, [308, 'POST'] as const])(
    '%i of a %s with a body is handed back as the answer',
    async (status, method) => {
      const result = await sender.send(redirecting(status, `${foreign.origin}/x`, method, TOKEN));
      expect(result.outcome).toMatchObject({ kind: 'answered', status });
      expect(abroad).toEqual([]);
    },
  );

  test('and home again does not get the token back', async () => {
    const back = `${foreign.origin}/302?${encodeURIComponent(`${home.origin}/done`)}`;
    const result = await sender.send(redirecting(302, back));
    expect(result.hops).toHaveLength(3);
    expect(atHome[1]!.headers).not.toContain(TOKEN);
  });

  test('that the owner added takes the token along', async () => {
    const call = { ...redirecting(307, `${foreign.origin}/x`, 'POST', 'b'), origins: [home.origin, foreign.origin] };
    await sender.send(call);
    expect(abroad).toMatchObject([{ method: 'POST', body: 'b' }]);
    expect(abroad[0]!.headers).toContain(TOKEN);
  });

  test('that is a downgrade to http drops everything, even where the owner added it', () => {
    const request = { method: 'GET', url: 'https://api.example/', headers, body: null };
    const origins = ['https://api.example', 'http://api.example'];
    const call = { ...callTo(request.url), origins, credentialHeaders: ['x-api-key'] };
    const body = { bytes: Buffer.alloc(0), wireBytes: 0, wireSha256: '', truncated: false };
    const answer = { status: 302, headers: [['Location', 'http://api.example/']] as const, body };
    expect(JSON.stringify(redirectedRequest(request, answer, call))).not.toContain(TOKEN);
  });
});

describe('a redirect that is not followed', () => {
  test('after five is redirect-limit, with the last answer', async () => {
    const loop = await httpServer((_request, response) => response.writeHead(302, { location: '/again' }).end('on'));
    const result = await sender.send(callTo(loop.origin));
    await loop.stop();
    expect(result.outcome).toMatchObject({
      kind: 'failed',
      reason: 'redirect-limit',
      sent: true,
      partial: { status: 302 },
    });
    expect(result.hops).toHaveLength(6);
  });

  test.each(['http://169.254.169.254/', 'http://10.0.0.1/', 'file:///etc/passwd', 'ftp://x/', 'http://u:p@127.0.0.1/'])(
    'because %s is not allowed keeps the answer that named it',
    async (location) => {
      const { outcome, hops } = await sender.send(redirecting(302, location));
      expect(outcome).toMatchObject({ kind: 'failed', reason: 'refused-address', partial: { status: 302 } });
      expect(hops).toHaveLength(1);
    },
  );

  test.each([
    [300, '/x'],
    [304, '/x'],
    [305, '/x'],
    [302, 'http://['],
  ])('%i to %s is the answer', async (status, location) => {
    const { outcome } = await sender.send(redirecting(status, location));
    expect(outcome).toMatchObject({ kind: 'answered', status });
  });

  test('because the caller wants none is the answer', async () => {
    const { outcome } = await sender.send({ ...redirecting(302, '/done'), redirects: 'none' });
    expect(outcome).toMatchObject({ kind: 'answered', status: 302 });
    expect(atHome).toHaveLength(1);
  });
});
