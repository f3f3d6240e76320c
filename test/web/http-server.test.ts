import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from '@jest/globals';
import { createHttpServer, HTTP_LIMITS } from '../../src/web/http-server.ts';
import { ask } from './middleware/serving.ts';

async function open(limits = {}) {
  const reached: string[] = [];
  const server = createHttpServer(
    (request, response) => {
      reached.push(`${request.method} ${request.url}`);
      response.end('reached');
    },
    { publicUrl: 'http://127.0.0.1', limits },
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server listens on no port.');
  return {
    server,
    reached,
    port: address.port,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

describe('the server', () => {
  test('has the limits of the design', async () => {
    await using opened = await open();

    expect(opened.server).toMatchObject({
      headersTimeout: 15_000,
      requestTimeout: 300_000,
      keepAliveTimeout: 5_000,
      maxHeadersCount: 101,
      maxConnections: 2_000,
      maxRequestsPerSocket: 1_000,
    });
    expect(HTTP_LIMITS).toMatchObject({ connectionsCheckingInterval: 5_000, maxHeaderSize: 16_384, noDelay: true });
  });

  test('keeps connections longer behind a proxy', () => {
    const server = createHttpServer(() => undefined, { publicUrl: 'https://x.example', behindProxy: true });

    expect(server.keepAliveTimeout).toBe(65_000);
  });
});

describe('a client that sends its headers a byte at a time', () => {
  test('is cut off, while others are served', async () => {
    await using opened = await open({ headersTimeout: 300, connectionsCheckingInterval: 50 });
    const began = performance.now();

    const slow = Array.from({ length: 50 }, () => {
      const socket = connect(opened.port, '127.0.0.1');
      socket.write('GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ');
      const drip = setInterval(() => socket.write('a'), 20);
      const cut = Promise.withResolvers<void>();
      socket.on('error', () => clearInterval(drip));
      socket.on('close', () => {
        clearInterval(drip);
        cut.resolve();
      });
      return cut.promise;
    });
    const served = await ask(opened.port, '/');
    await Promise.all(slow);

    expect(served).toMatchObject({ status: 200, text: 'reached' });
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(opened.reached).toEqual(['GET /']);
  });
});

describe('a curious client', () => {
  test.each(['TRACE / HTTP/1.1\r\nHost: x\r\nCookie: sid-dev=secret\r\n\r\n'])(
    'that sends %j sees nothing of it',
    async (raw) => {
      await using opened = await open();

      const socket = connect(opened.port, '127.0.0.1');
      socket.write(raw);
      const answer = await text(socket);

      expect(answer).toMatch(/^HTTP\/1\.1 405 [^]*X-Content-Type-Options: nosniff[^]*Allow: /);
      expect(answer).not.toContain('secret');
      expect(opened.reached).toEqual([]);
    },
  );

  test('that asks for a tunnel gets a reason and no tunnel', async () => {
    await using opened = await open();

    const socket = connect(opened.port, '127.0.0.1');
    socket.write('CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: x\r\n\r\n');

    expect(await text(socket)).toMatch(
      /^HTTP\/1\.1 405 [^]*Callbook-Problem: method-not-allowed[^]*CONNECT is not taken/,
    );
    expect(opened.reached).toEqual([]);
  });

  test.each([
    [98, 200],
    [99, 431],
    [400, 431],
  ])('that sends %i headers of its own gets %i', async (count, status) => {
    await using opened = await open();
    const headers = Object.fromEntries(Array.from({ length: count }, (_, index) => [`x-${index}`, '1']));

    expect((await ask(opened.port, '/', { headers })).status).toBe(status);
  });

  test('that sends 17 KiB of headers gets 431', async () => {
    await using opened = await open();

    expect((await ask(opened.port, '/', { headers: { 'x-long': 'x'.repeat(17 * 1024) } })).status).toBe(431);
  });
});
