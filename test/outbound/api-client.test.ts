import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, describe, expect, test } from '@jest/globals';
import { QueueFull } from '../../src/kernel/errors.ts';
import type { CallResult } from '../../src/kernel/exchange.ts';
import type { ApiClient } from '../../src/outbound/api-client.ts';
import { egressPolicy } from '../../src/outbound/egress-policy.ts';
import { callTo, client, httpServer, keptLog, rawServer, type Running, TOKEN } from './clients.ts';

const started: (Running | ApiClient)[] = [];

afterEach(async () => {
  for (const part of started.splice(0)) {
    if ('stop' in part) await part.stop();
    else {
      part.abortAll();
      await part.close();
    }
  }
});

function own<T extends Running | ApiClient>(part: T): T {
  started.unshift(part);
  return part;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function failure({ outcome }: CallResult) {
  if (outcome.kind !== 'failed') throw new Error(`answered with ${outcome.status}`);
  return outcome;
}

function answer({ outcome }: CallResult) {
  if (outcome.kind !== 'answered') throw new Error(`${outcome.reason}: ${outcome.detail}`);
  return outcome;
}

const OK = 'HTTP/1.1 200 OK\r\n';

describe('the headers of a call', () => {
  const cases: [method: string, body: string | null][] = [
    ['GET', null],
    ['HEAD', null],
    ['POST', null],
    ['POST', 'abc'],
    ['PUT', ''],
    ['PATCH', 'x'],
    ['DELETE', null],
    ['DELETE', 'abc'],
    ['OPTIONS', null],
    ['PURGE', 'é'],
  ];

  test.each(cases)('are shown exactly as %s with body %j puts them on the wire', async (method, body) => {
    const heads: string[] = [];
    const server = own(
      await rawServer((socket, head) => {
        heads.push(head.slice(0, head.indexOf('\r\n\r\n')));
        socket.end(`${OK}content-length: 0\r\n\r\n`);
      }),
    );
    const headers = [
      ['X-Case', 'One'],
      ['x-case', 'two'],
      ['Accept', 'a'],
    ] as const;
    const call = callTo(`${server.origin}/a?b=c`, { method, headers, body: body === null ? null : Buffer.from(body) });

    const result = await own(client()).send(call);

    const [line, ...fields] = heads[0]!.split('\r\n');
    expect(line).toBe(`${method} /a?b=c HTTP/1.1`);
    expect(result.request.headers.map(([name, value]) => `${name}: ${value}`)).toEqual(fields);
    expect(fields).toEqual(expect.arrayContaining(['X-Case: One', 'x-case: two', 'Accept: a']));
  });

  test('name the host once, whatever the caller brings', async () => {
    const heads: string[] = [];
    const server = own(
      await rawServer((socket, head) => (heads.push(head), socket.end(`${OK}content-length: 0\r\n\r\n`))),
    );
    const headers = [
      ['Host', 'evil.example'],
      ['Content-Length', '3'],
    ] as const;

    await own(client()).send(callTo(server.origin, { method: 'POST', headers, body: Buffer.from('abcdef') }));

    expect(heads[0]).not.toContain('evil.example');
    expect(heads[0]!.match(/content-length: \d+/gi)).toEqual(['content-length: 6']);
  });

  test('come back in order, with case and duplicates', async () => {
    const server = own(
      await rawServer((socket) =>
        socket.end(`${OK}Set-Cookie: a=1\r\nX-B: \xe9\r\nset-cookie: b=2\r\nContent-Length: 2\r\n\r\nok`, 'latin1'),
      ),
    );

    const { headers } = answer(await own(client()).send(callTo(server.origin)));

    expect(headers).toEqual([
      ['Set-Cookie', 'a=1'],
      ['X-B', 'é'],
      ['set-cookie', 'b=2'],
      ['Content-Length', '2'],
    ]);
  });
});

describe('a body', () => {
  const text = Buffer.from('{"big": 12345678901234567890, "a":  1}'.repeat(100));
  const codings: [name: string, coded: Buffer][] = [
    ['gzip', gzipSync(text)],
    ['x-gzip', gzipSync(text)],
    ['deflate', deflateSync(text)],
    ['deflate', deflateRawSync(text)],
    ['br', brotliCompressSync(text)],
    ['zstd', zstdCompressSync(text)],
    ['gzip, br', brotliCompressSync(gzipSync(text))],
    ['deflate, gzip, zstd', zstdCompressSync(gzipSync(deflateRawSync(text)))],
    ['identity', text],
  ];

  async function received(coding: string, wire: Buffer, parts: { keepBytes?: number; maxBytes?: number } = {}) {
    const server = own(
      await httpServer((_request, response) => {
        response.setHeader('content-encoding', coding);
        // In pieces, so that no layer sees its input at once.
        for (let at = 0; at < wire.length; at += 7001) response.write(wire.subarray(at, at + 7001));
        response.end();
      }),
    );
    return await own(client()).send(callTo(server.origin, parts));
  }

  test.each(codings)('in %s is decoded, and counted and hashed as sent', async (coding, wire) => {
    const { body } = answer(await received(coding, wire));
    expect(Buffer.from(body.bytes).equals(text)).toBe(true);
    expect(body).toMatchObject({ wireBytes: wire.length, wireSha256: sha256(wire), truncated: false });
  });

  test.each([
    ['gzip', Buffer.from('this is no gzip at all')],
    ['gzip', gzipSync(text).subarray(0, 60)],
    ['br, gzip', gzipSync(Buffer.from('no brotli inside'))],
    ['rot13', Buffer.from('uryyb')],
    ['gzip, gzip, gzip, gzip, gzip', gzipSync(text)],
  ])('that does not decode from %s is kept as it came', async (coding, wire) => {
    const { body } = answer(await received(coding, wire));
    expect(Buffer.from(body.bytes).equals(wire)).toBe(true);
    expect(body.wireSha256).toBe(sha256(wire));
  });

  test('is kept up to the cap and counted to its end', async () => {
    const wire = Buffer.alloc(500_000, 'abcdefg');
    const { body } = answer(await received('identity', wire, { keepBytes: 1000 }));
    expect(Buffer.from(body.bytes).equals(wire.subarray(0, 1000))).toBe(true);
    expect(body).toMatchObject({ truncated: true, wireBytes: 500_000, wireSha256: sha256(wire) });
  });

  test('of exactly the cap is whole', async () => {
    const { body } = answer(await received('identity', Buffer.alloc(1000, 'x'), { keepBytes: 1000 }));
    expect(body).toMatchObject({ truncated: false, wireBytes: 1000 });
  });

  test('over the wire cap ends the call as too-large, with what had come', async () => {
    const { reason, sent, partial } = failure(
      await received('identity', Buffer.alloc(500_000), { keepBytes: 1000, maxBytes: 100_000 }),
    );
    expect([reason, sent]).toEqual(['too-large', true]);
    expect(partial?.body.bytes).toHaveLength(1000);
  });

  test.each(['gzip', 'gzip, gzip'])('that is a bomb in %s takes no more memory than the cap', async (coding) => {
    const one = gzipSync(Buffer.alloc(200 * 1024 * 1024));
    const wire = coding === 'gzip' ? one : gzipSync(one);
    const before = process.memoryUsage().rss;
    const { body } = answer(await received(coding, wire, { keepBytes: 1024 * 1024 }));
    expect(body.bytes).toHaveLength(1024 * 1024);
    expect(body).toMatchObject({ truncated: true, wireBytes: wire.length, wireSha256: sha256(wire) });
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
  });

  test('in chunks with trailers is whole', async () => {
    const server = own(
      await rawServer((socket) =>
        socket.end(
          `${OK}transfer-encoding: chunked\r\ntrailer: x-t\r\n\r\n2\r\nab\r\n3;e=1\r\ncde\r\n0\r\nx-t: 1\r\n\r\n`,
        ),
      ),
    );
    const { body } = answer(await own(client()).send(callTo(server.origin)));
    expect(Buffer.from(body.bytes).toString()).toBe('abcde');
    expect(body.wireSha256).toBe(sha256(Buffer.from('abcde')));
  });

  test.each([
    ['GET', '204 No Content', 'content-encoding: gzip\r\n'],
    ['GET', '304 Not Modified', 'content-length: 500\r\ncontent-encoding: gzip\r\n'],
    ['HEAD', '200 OK', 'content-length: 500\r\ncontent-encoding: gzip\r\n'],
  ])('does not follow %s %s', async (method, status, headers) => {
    const server = own(await rawServer((socket) => socket.write(`HTTP/1.1 ${status}\r\n${headers}\r\n`)));
    const { body } = answer(await own(client()).send(callTo(server.origin, { method })));
    expect(body).toMatchObject({ wireBytes: 0, truncated: false });
    expect(body.bytes).toHaveLength(0);
  });
});

describe('an API that misbehaves', () => {
  const cases: [what: string, bytes: string | null, reason: string, partial: string | null][] = [
    ['resets before the head', null, 'protocol', null],
    ['closes in the middle of the head', 'HTTP/1.1 200 OK\r\nx-a: ', 'protocol', null],
    ['announces more than it sends', `${OK}content-length: 10\r\n\r\nabc`, 'protocol', 'abc'],
    ['closes in the middle of a chunk', `${OK}transfer-encoding: chunked\r\n\r\n5\r\nab`, 'protocol', 'ab'],
    ['speaks no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n', 'protocol', null],
    ['announces a length twice', `${OK}content-length: 1\r\ncontent-length: 2\r\n\r\nab`, 'protocol', null],
    ['floods with one header', `${OK}x: ${'y'.repeat(100_000)}\r\n\r\n`, 'too-large', null],
    ['floods with headers', `${OK}${'a: b\r\n'.repeat(2000)}content-length: 0\r\n\r\n`, 'too-large', ''],
    ['never comes to its final status', 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(1000), 'protocol', null],
    [
      'answers 101 unasked',
      'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
      'protocol',
      null,
    ],
  ];

  test.each(cases)('and %s gives a failure, never an exception', async (_what, bytes, reason, partial) => {
    const server = own(await rawServer((socket) => (bytes === null ? socket.resetAndDestroy() : socket.end(bytes))));

    const result = await own(client()).send(callTo(server.origin, { method: 'POST', body: Buffer.from('x') }));

    const failed = failure(result);
    expect([failed.reason, failed.sent]).toEqual([reason, true]);
    expect(failed.partial && Buffer.from(failed.partial.body.bytes).toString()).toBe(partial);
    expect(failed.detail).not.toMatch(/OpenSSH|\d+\.\d+\.\d+\.\d+/);
  });

  test.each([
    ['drips its body', `${OK}content-length: 100000\r\n\r\n`],
    ['drips its head', 'HTTP/1.1 200 OK\r\nx-a: '],
  ])('and %s is held to the total deadline', async (_what, head) => {
    const server = own(
      await rawServer((socket) => {
        socket.write(head);
        const drip = setInterval(() => socket.write('a'), 20);
        socket.once('close', () => clearInterval(drip));
      }),
    );
    const result = await own(client()).send(callTo(server.origin, { deadlineMs: 300 }));
    expect(failure(result)).toMatchObject({ reason: 'timeout', sent: true });
    expect(result.timings.total).toBeGreaterThanOrEqual(299);
    expect(result.timings.total).toBeLessThan(1300);
  });

  test('and stays silent is held to the deadline; what came in gzip before is decoded', async () => {
    const coded = gzipSync('so far so good'.repeat(1000));
    const server = own(
      await httpServer((_request, response) => {
        response.writeHead(200, { 'content-encoding': 'gzip' });
        response.write(coded.subarray(0, coded.length - 8));
      }),
    );
    const { reason, partial } = failure(await own(client()).send(callTo(server.origin, { deadlineMs: 300 })));
    expect(reason).toBe('timeout');
    expect(Buffer.from(partial!.body.bytes).toString()).toMatch(/^so far so good/);
  });
});

describe('a call that cannot leave', () => {
  test('because nobody listens was not sent', async () => {
    const server = await rawServer(() => {});
    await server.stop();
    expect(failure(await own(client()).send(callTo(server.origin)))).toMatchObject({ reason: 'connect', sent: false });
  });

  test('because its name does not resolve was not sent', async () => {
    const sender = own(client({ resolve: () => Promise.reject(new Error('ENOTFOUND secret.internal')) }));
    const failed = failure(await sender.send(callTo('http://nowhere.example/')));
    expect(failed).toMatchObject({ reason: 'dns', sent: false, partial: null });
  });

  test('because the resolver is silent ends at the time for connecting', async () => {
    const limits = { width: 1, line: 1, connectMs: 100 };
    const sender = own(client({ limits, resolve: () => new Promise(() => {}) }));
    expect(failure(await sender.send(callTo('http://slow.example/')))).toMatchObject({
      reason: 'timeout',
      sent: false,
    });
  });

  test('because its origin is not the connection’s is refused without a connection', async () => {
    const server = own(await httpServer((_request, response) => response.end()));
    const sender = own(client());
    const result = await sender.send(callTo(server.origin, { origins: ['https://api.example'] }));
    expect(failure(result)).toMatchObject({ reason: 'refused-address', sent: false });
    expect(server.connections()).toBe(0);
    expect(result.hops).toEqual([]);
  });

  test('because a transaction is open throws before anything else', async () => {
    const lines = keptLog();
    const refuse = () => {
      throw new Error('A transaction is open.');
    };
    const sender = own(client({ refuseIfInTransaction: refuse, logger: lines.logger }));
    await expect(sender.send(callTo('http://127.0.0.1:1/'))).rejects.toThrow('A transaction is open.');
    expect(lines.lines).toEqual([]);
  });

  test('because the line is full throws QueueFull; the ones in line go on', async () => {
    const held: (() => void)[] = [];
    const server = own(await httpServer((_request, response) => void held.push(() => response.end('ok'))));
    const sender = own(client({ limits: { width: 1, line: 1, connectMs: 1000 } }));
    const first = sender.send(callTo(server.origin));
    const second = sender.send(callTo(server.origin));
    await expect(sender.send(callTo(server.origin))).rejects.toBeInstanceOf(QueueFull);

    while (held.length === 0) await new Promise(setImmediate);
    held[0]!();
    answer(await first);
    while (held.length === 1) await new Promise(setImmediate);
    held[1]!();
    expect((await second).timings.wait).toBeGreaterThan(0);
  });

  test('because it waits in line past its deadline was not sent', async () => {
    const server = own(await httpServer(() => {}));
    const sender = own(client({ limits: { width: 1, line: 5, connectMs: 1000 } }));
    void sender.send(callTo(server.origin));
    const waited = await sender.send(callTo(server.origin, { deadlineMs: 50 }));
    expect(failure(waited)).toMatchObject({ reason: 'timeout', sent: false });
    expect(waited.hops).toEqual([]);
  });
});

describe('cancelling', () => {
  test('ends a call in flight as aborted, with what had come', async () => {
    const server = own(await rawServer((socket) => socket.write(`${OK}content-length: 100\r\n\r\nabc`)));
    const stop = new AbortController();
    const flight = own(client()).send(callTo(server.origin, { signal: stop.signal }));
    while (server.connections() === 0) await new Promise(setImmediate);
    setTimeout(() => stop.abort(), 100);
    const { reason, sent, partial } = failure(await flight);
    expect([reason, sent, Buffer.from(partial!.body.bytes).toString()]).toEqual(['aborted', true, 'abc']);
  });

  test('before the call is made sends nothing', async () => {
    const server = own(await httpServer((_request, response) => response.end()));
    const result = await own(client()).send(callTo(server.origin, { signal: AbortSignal.abort() }));
    expect(failure(result)).toMatchObject({ reason: 'aborted', sent: false });
    expect(server.connections()).toBe(0);
  });

  test('all ends every call, in line or in flight, and closing refuses new ones', async () => {
    const server = own(await httpServer(() => {}));
    const sender = client({ limits: { width: 2, line: 10, connectMs: 1000 } });
    const flights = Array.from({ length: 5 }, () => sender.send(callTo(server.origin)));
    while (server.connections() < 2) await new Promise(setImmediate);
    expect(sender.inFlight()).toBe(5);

    sender.abortAll();
    const reasons = (await Promise.all(flights)).map((result) => failure(result).reason);
    await sender.close();

    expect(reasons).toEqual(Array.from({ length: 5 }, () => 'aborted'));
    expect(sender.inFlight()).toBe(0);
    expect(failure(await sender.send(callTo(server.origin))).reason).toBe('aborted');
  });
});

describe('timings', () => {
  test('of a reused connection have no dns, connect and tls; the phases add up', async () => {
    const server = own(await httpServer((_request, response) => setTimeout(() => response.end('ok'), 30)));
    const sender = own(client({ resolve: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]) }));
    const url = `http://api.example:${server.port}/`;
    const first = await sender.send(callTo(url));
    const second = await sender.send(callTo(url));

    expect(first.hops[0]).toMatchObject({ attempt: 1, status: 200, reusedConnection: false });
    expect(first.timings).toMatchObject({ dns: expect.any(Number), connect: expect.any(Number), tls: null });
    expect(second.hops[0]).toMatchObject({ reusedConnection: true });
    expect(second.timings).toMatchObject({ dns: null, connect: null, tls: null });
    expect(second.timings.firstByte).toBeGreaterThan(20);
    expect(server.connections()).toBe(1);
    for (const { timings } of [first, second]) {
      const { total, ...phases } = timings;
      const sum = Object.values(phases).reduce((all: number, ms) => all + (ms ?? 0), 0);
      expect(sum).toBeLessThanOrEqual(total);
      expect(total - sum).toBeLessThan(50);
    }
  });
});

describe('a call’s traces', () => {
  test('hold no token: neither failures nor log lines, while both facts are logged', async () => {
    const server = own(await rawServer((socket) => socket.resetAndDestroy()));
    const { logger, lines } = keptLog();
    const sender = own(client({ logger }));
    const headers = [['Authorization', `Bearer ${TOKEN}`]] as const;
    const parts = { method: 'POST', headers, body: Buffer.from(TOKEN) };
    const urls = [`${server.origin}/?key=${TOKEN}`, 'http://127.0.0.1:1/', `http://169.254.169.254/${TOKEN}`];

    const results = [];
    for (const url of urls) results.push(await sender.send(callTo(url, parts)));

    for (const { outcome, hops, timings } of results) {
      expect(outcome.kind).toBe('failed');
      const everything = inspect({ outcome, timings, status: hops.map((hop) => hop.status) }, { depth: Infinity });
      expect(everything).not.toContain(TOKEN);
    }
    const logged = inspect(lines, { depth: Infinity });
    expect(logged).not.toContain(TOKEN);
    const [, facts] = lines.find(([level]) => level === 'info')!;
    expect(facts).toMatchObject({ method: 'POST', requestBytes: TOKEN.length, reason: 'protocol', sent: true });
    expect(inspect(facts, { depth: 5 })).toContain('*redacted*');
  });

  test('are not routed by the proxies of the environment', async () => {
    const proxy = own(await httpServer((_request, response) => response.end('from the proxy')));
    const server = own(await httpServer((_request, response) => response.end('direct')));
    const names = ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'HTTPS_PROXY', 'NODE_USE_ENV_PROXY'];
    // eslint-disable-next-line node/no-process-env -- the environment is what is tested
    const { env } = process;
    for (const name of names) env[name] = name === 'NODE_USE_ENV_PROXY' ? '1' : proxy.origin;
    try {
      const { body } = answer(await own(client()).send(callTo(server.origin)));
      expect(Buffer.from(body.bytes).toString()).toBe('direct');
      expect(proxy.connections()).toBe(0);
    } finally {
      for (const name of names) delete env[name];
    }
  });
});

describe('a connection that stands already', () => {
  test('is not used once the policy has learnt to refuse its port', async () => {
    const server = own(await httpServer((_request, response) => response.end('ok')));
    const ownPorts: number[] = [];
    const egress = egressPolicy({ entries: ['loopback'], ownPorts: () => ownPorts });
    const sender = own(client({ egress, resolve: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]) }));
    const url = `http://api.example:${server.port}/`;
    answer(await sender.send(callTo(url)));
    ownPorts.push(server.port);
    expect(failure(await sender.send(callTo(url)))).toMatchObject({ reason: 'refused-address', sent: false });
  });
});
