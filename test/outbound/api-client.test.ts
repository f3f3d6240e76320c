import { createServer } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { egressPolicy } from '../../src/outbound/egress-policy.ts';
import {
  answer,
  callTo,
  client,
  failure,
  httpServer,
  keptLog,
  ownParts,
  rawServer,
  running,
  TOKEN,
} from './clients.ts';

const own = ownParts();

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

describe('the time that went by', () => {
  const silent = () => new Promise<never>(() => {});

  test.each([
    ['the resolver', { resolve: silent, limits: { width: 1, line: 1, connectMs: 80 } }, 5000],
    ['the resolver, past the deadline of the call', { resolve: silent }, 80],
  ])('before it was given up belongs to the phase it came to: %s', async (_what, parts, deadlineMs) => {
    const result = await own(client(parts)).send(callTo('http://slow.example/', { deadlineMs }));

    expect(failure(result).sent).toBe(false);
    expect(result.hops[0]?.timings.dns).toBeGreaterThan(70);
    expect(result.timings).toMatchObject({ dns: expect.any(Number), connect: null, send: null, firstByte: null });
  });

  test('in a handshake that never came to its end is TLS', async () => {
    const server = own(await running(createServer(), 'http'));
    const sent = callTo(server.origin.replace('http:', 'https:'), { deadlineMs: 120 });
    const { timings } = await own(client()).send(sent);

    expect(timings).toMatchObject({ dns: null, connect: expect.any(Number), send: null });
    expect(timings.tls).toBeGreaterThan(50);
  });

  test('is told of each request that a redirect makes, and added up for the call', async () => {
    const server = own(
      await httpServer((request, response) => {
        const end = () =>
          request.url === '/b' ? response.end('ok') : response.writeHead(302, { location: '/b' }).end();
        setTimeout(end, 30);
      }),
    );
    const { hops, timings } = await own(client()).send(callTo(`${server.origin}/a`));

    expect(hops.map(({ status, reusedConnection }) => [status, reusedConnection])).toEqual([
      [302, false],
      [200, true],
    ]);
    expect(hops.map((hop) => hop.timings.wait !== null)).toEqual([true, false]);
    for (const hop of hops) expect(hop.timings.firstByte).toBeGreaterThan(20);
    expect(timings.firstByte).toBeCloseTo(hops[0]!.timings.firstByte! + hops[1]!.timings.firstByte!, 6);
    expect(timings.total).toBeGreaterThanOrEqual(hops[0]!.timings.total + hops[1]!.timings.total);
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
