import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { QueueFull } from '../../src/kernel/errors.ts';
import { answer, callTo, client, failure, httpServer, keptLog, ownParts, rawServer } from './clients.ts';

const own = ownParts();

const OK = 'HTTP/1.1 200 OK\r\n';

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
    // Without the deadline it goes on for minutes.
    expect(result.timings.total).toBeLessThan(10_000);
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
