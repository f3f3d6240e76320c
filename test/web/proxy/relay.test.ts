import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { receive, type Received } from '../../support/received.ts';
import { type Answer, type Desk, dial, openDesk, said } from './desk.ts';

let desk: Desk;

beforeAll(async () => {
  desk = await openDesk({ headers: 'x-default: by the connection\nAccept: text/plain' });
}, 60_000);
afterAll(async () => desk[Symbol.asyncDispose]());

/** What the API got, and an empty answer. */
function received(): Promise<Received> {
  return new Promise((resolve) => {
    desk.api(async (request, response) => {
      resolve(await receive(request));
      response.end('{}');
    });
  });
}

function valuesOf({ headers }: Received, name: string): string[] {
  return headers.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);
}

describe('a request through the proxy', () => {
  test.each([
    '',
    '/',
    '//x',
    '/a//b/',
    '/a;v=1/b',
    '/a%2Fb%2e%2Ec',
    '/a/./b',
    '/in/../side',
    '/%7Euser/%e2%82%ac',
    '/q?a=\'b\'&c="d"&e={f}|^`',
    '?only=query',
    '/x?a?b=/../..&c=%00',
  ])('comes to the API with its target byte for byte: %s', async (path) => {
    const there = received();
    const { status } = await desk.ask(path);
    expect(status).toBe(200);
    expect((await there).target).toBe(path === '' ? '/' : path.startsWith('?') ? `/${path}` : path);
  });

  test('keeps its headers, their order, case and duplicates, but for those of the connection and ours', async () => {
    const there = received();
    await desk.ask('/orders', {
      headers: [
        ['X-Two', '1', 'x-TWO', '2', 'Accept', 'application/json', 'TE', 'trailers'],
        ['Connection', 'close, X-Hop', 'X-Hop', 'no', 'Proxy-Authorization', 'Basic eDp5', 'Keep-Alive', 'timeout=9'],
        ['Accept-Encoding', 'gzip, br', 'Cookie', 'a=1; sid-dev=stolen; b=2;c=3', 'User-Agent', 'curl/9'],
        ['Sec-Fetch-Mode', 'cors', 'X-Latin', 'd\u00e9j\u00e0'],
      ].flat(),
    });
    const { headers } = await there;
    expect(headers).toEqual([
      ['host', new URL(desk.apiOrigin).host],
      ['connection', 'keep-alive'],
      ['x-default', 'by the connection'],
      ['X-Two', '1'],
      ['x-TWO', '2'],
      ['Accept', 'application/json'],
      ['Accept-Encoding', 'identity'],
      ['Cookie', 'a=1; b=2;c=3'],
      ['User-Agent', 'curl/9'],
      ['Sec-Fetch-Mode', 'cors'],
      ['X-Latin', 'd\u00e9j\u00e0'],
      ['authorization', `Bearer ${desk.token()}`],
    ]);
  });

  test('with its key in Callbook-Key loses its own authorization too', async () => {
    const there = received();
    await desk.ask('/', {
      withKey: false,
      headers: ['Callbook-Key', desk.key, 'Authorization', 'Bearer of-the-client'],
    });
    const all = await there;
    expect(valuesOf(all, 'authorization')).toEqual([`Bearer ${desk.token()}`]);
    expect(valuesOf(all, 'callbook-key')).toEqual([]);
    expect(JSON.stringify(all)).not.toContain('of-the-client');
    expect(JSON.stringify(all)).not.toContain(desk.key);
  });

  test('keeps the length it announced, and goes chunked where it announced none', async () => {
    const one = received();
    await desk.ask('/', { method: 'POST', headers: ['Content-Length', '5'], body: Buffer.from('12345') });
    expect(valuesOf(await one, 'content-length')).toEqual(['5']);

    const two = received();
    await desk.ask('/', { method: 'PUT', headers: ['Transfer-Encoding', 'chunked'], body: Buffer.from('12345') });
    const chunked = await two;
    expect(valuesOf(chunked, 'transfer-encoding')).toEqual(['chunked']);
    expect(valuesOf(chunked, 'content-length')).toEqual([]);
    expect(chunked.body.toString()).toBe('12345');
  });

  test('is on record with the headers it had on the wire, whatever framed it', async () => {
    for (const [headers, body] of [
      [['Transfer-Encoding', 'chunked'], Buffer.alloc(0)],
      [['Transfer-Encoding', 'chunked'], Buffer.from('x')],
      [['Content-Length', '1'], Buffer.from('x')],
    ] as const) {
      const there = received();
      const { id } = await desk.ask('/', { method: 'POST', headers, body });
      const onRecord = (await desk.settled(id)).requestHeaders.filter(([name]) => name !== 'authorization');
      expect(onRecord).toEqual((await there).headers.filter(([name]) => name !== 'authorization'));
    }
  });

  test.each(['/../secret', '/a/../../x', '/%2e%2e/x', '/.%2E/x', '/..%2fx', '/..%5cx', '/a\\b', '/..;/x'])(
    'that leaves the base path is refused before a token is read: %s',
    async (path) => {
      const before = desk.records().length;
      desk.api(() => {
        throw new Error('It got out.');
      });
      const { status, headers, body } = await desk.ask(path);
      expect([status, headers['callbook-problem']]).toEqual([422, 'invalid-input']);
      expect(body.toString()).toContain('"pointer":"/path"');
      expect(headers['callbook-exchange']).toBeUndefined();
      expect(desk.records()).toHaveLength(before);
    },
  );

  test.each([
    ['GET http://elsewhere.example/proxy/partner/x HTTP/1.1', 'Accept: */*', '400', 'malformed'],
    ['TRACE /proxy/partner/x HTTP/1.1', 'Accept: */*', '405', 'method-not-allowed'],
    ['CONNECT elsewhere.example:443 HTTP/1.1', 'Accept: */*', '405', 'method-not-allowed'],
    ['GET /proxy/partner/x HTTP/1.1', 'Connection: Upgrade\r\nUpgrade: websocket', '400', 'malformed'],
  ])('%s is refused with a reason', async (line, headers, status, code) => {
    const before = desk.records().length;
    const socket = await dial(desk.app);
    socket.write(`${line}\r\nHost: x\r\nAuthorization: Bearer ${desk.key}\r\n${headers}\r\nConnection: close\r\n\r\n`);
    const text = await said(socket);
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(text).toContain(`Callbook-Problem: ${code}`);
    expect(text).toContain(`"type":"/problems/${code}"`);
    expect(desk.records()).toHaveLength(before);
  });

  test('of nobody, of a viewer or for nothing we know is refused and not recorded', async () => {
    const before = desk.records().length;
    const nobody = await desk.ask('/', { withKey: false });
    expect([nobody.status, nobody.headers['callbook-problem']]).toEqual([401, 'not-signed-in']);
    const unknown = await desk.ask('/', { slug: 'nowhere' });
    expect([unknown.status, unknown.headers['callbook-problem']]).toEqual([404, 'not-found']);
    const cookie = [...desk.owner.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const person = await desk.ask('/', { withKey: false, headers: ['Cookie', cookie] });
    expect(person.status).toBe(401);
    expect(desk.records()).toHaveLength(before);
  });

  test('whose body is announced as larger than 256 MiB is refused before anything is sent', async () => {
    const before = desk.records().length;
    const socket = await dial(desk.app);
    socket.write(
      `POST /proxy/${desk.slug}/x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${desk.key}\r\nContent-Length: ${2 ** 28 + 1}\r\nConnection: close\r\n\r\n`,
    );
    expect(await said(socket)).toMatch(/^HTTP\/1.1 413 [^]*Callbook-Problem: too-large/);
    expect(desk.records()).toHaveLength(before);
  });
});

describe('an answer through the proxy', () => {
  const answering = (status: number, headers: readonly string[], body?: string): Answer => {
    return (_request, response) => void response.writeHead(status, [...headers]).end(body);
  };

  test('keeps status, headers, their case and duplicates, but for those of the connection and ours', async () => {
    desk.api(
      answering(
        299,
        [
          [
            'Set-Cookie',
            'a=1',
            'set-cookie',
            'b=2',
            'X-Hop',
            'no',
            'Connection',
            'close, X-Hop',
            'Keep-Alive',
            'timeout=1',
          ],
          ['Callbook-Exchange', 'forged', 'Callbook-Problem', 'forged', 'Content-Type', 'text/plain', 'ETag', '"x"'],
          ['Content-Length', '2', 'Cache-Control', 'max-age=9', 'Location', '/elsewhere', 'Date', 'then'],
        ].flat(),
        'ok',
      ),
    );
    const { status, raw, id, body } = await desk.ask('/');
    expect(status).toBe(299);
    expect(body.toString()).toBe('ok');
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(raw.filter(([name]) => name !== 'Connection')).toEqual([
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
      ['Content-Type', 'text/plain'],
      ['ETag', '"x"'],
      ['Content-Length', '2'],
      ['Cache-Control', 'max-age=9'],
      ['Location', '/elsewhere'],
      ['Date', 'then'],
      ['X-Content-Type-Options', 'nosniff'],
      ['Content-Security-Policy', "default-src 'none'; sandbox"],
      ['Callbook-Exchange', id],
    ]);
  });

  test('of 404, 500 or a redirect is the answer, with no problem of ours, and nothing is followed', async () => {
    for (const status of [404, 500, 302, 401, 418]) {
      desk.api(
        answering(status, ['Location', '/next', 'WWW-Authenticate', 'Bearer error="x"', 'Content-Length', '4'], 'body'),
      );
      const answer = await desk.ask('/');
      expect([answer.status, answer.body.toString(), answer.headers['callbook-problem']]).toEqual([
        status,
        'body',
        undefined,
      ]);
    }
  });

  test('to HEAD, of 204 and of 304 keeps its length and waits for its record', async () => {
    desk.api(answering(200, ['Content-Length', '1234567']));
    const head = await desk.ask('/', { method: 'HEAD' });
    expect([head.status, head.headers['content-length'], head.body.length]).toEqual([200, '1234567', 0]);
    desk.api(answering(304, ['Content-Length', '77', 'ETag', '"x"']));
    const unchanged = await desk.ask('/');
    expect([unchanged.status, unchanged.headers['content-length']]).toEqual([304, '77']);
    desk.api(answering(204, []));
    const empty = await desk.ask('/', { method: 'DELETE' });
    expect([empty.status, empty.headers['transfer-encoding']]).toEqual([204, undefined]);
    for (const { id } of [head, unchanged, empty])
      expect(desk.records().find((record) => record.id === id)?.outcome).toBe('answered');
  });

  test('is chunked beyond 64 KiB, and keeps its length up to there', async () => {
    for (const [size, length] of [
      [65_536, '65536'],
      [65_537, undefined],
    ] as const) {
      desk.api(answering(200, ['Content-Length', String(size)], 'x'.repeat(size)));
      const answer = await desk.ask('/');
      expect([answer.headers['content-length'], answer.body.length, answer.isWhole]).toEqual([length, size, true]);
    }
  });
});

describe('common clients', () => {
  test('curl sends and gets a body, chunked as well', async () => {
    desk.api(async (request, response) => {
      const { body } = await receive(request);
      response.write(`got ${body.toString()}`);
      response.end();
    });
    const args = ['-sS', '-H', `Authorization: Bearer ${desk.key}`, `${desk.app.url}/proxy/${desk.slug}/orders?x=1`];
    const plain = await promisify(execFile)('curl', [...args, '-d', 'a=1']);
    const chunked = await promisify(execFile)('curl', [...args, '-d', 'a=2', '-H', 'Transfer-Encoding: chunked']);
    expect([plain.stdout, chunked.stdout]).toEqual(['got a=1', 'got a=2']);
  });

  test("Node's fetch sends a stream and reads JSON", async () => {
    desk.api(async (request, response) => {
      const { body, method } = await receive(request);
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ method, sent: body.toString() }));
    });
    const reply = await fetch(`${desk.app.url}/proxy/${desk.slug}/orders`, {
      method: 'PATCH',
      headers: { 'callbook-key': desk.key },
      body: new Blob(['one ', 'two']).stream(),
      duplex: 'half',
    });
    expect(await reply.json()).toEqual({ method: 'PATCH', sent: 'one two' });
  });
});
