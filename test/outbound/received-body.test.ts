import { createHash } from 'node:crypto';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { answer, callTo, client, failure, httpServer, ownParts, rawServer } from './clients.ts';

const own = ownParts();

const OK = 'HTTP/1.1 200 OK\r\n';

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

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
