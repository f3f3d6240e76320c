import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as elapse } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AWKWARD_BODIES } from '../../support/awkward-bodies.ts';
import { ENCODINGS } from '../../support/encodings.ts';
import { keptChunks } from '../../support/packed.ts';
import { receive } from '../../support/received.ts';
import { type Desk, openDesk } from './desk.ts';

let desk: Desk;

beforeAll(async () => {
  desk = await openDesk();
  await desk.ask('/');
}, 60_000);
afterAll(async () => desk[Symbol.asyncDispose]());

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Sizes at which something is cut: chunks of sockets and of the store, what is read whole, what is kept for a resend. */
const SIZES = [
  1, 1023, 16_384, 65_535, 65_536, 65_537, 262_143, 262_144, 262_145, 1_048_575, 1_048_576, 1_048_577, 3_000_001,
];

const sized = SIZES.map((size): [string, Buffer, string] => {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size; at += 1) bytes[at] = (at * 7 + (at >> 8) * 13) & 0xff;
  return [`${size} bytes`, bytes, 'application/octet-stream'];
});
const awkward = Object.entries(AWKWARD_BODIES).map(([name, { decoded, contentType }]): [string, Buffer, string] => [
  name,
  decoded,
  contentType,
]);
const structured: [string, Buffer, string][] = [
  ['events', Buffer.from('data: 1\r\n\r\ndata: 2\n\n\rdata: 3\r\r'), 'text/event-stream'],
  ['events without an end', Buffer.from('\n\n\ndata: half'), 'text/event-stream; charset=utf-8'],
  ['a form', Buffer.from('a=1&b=%C3%A9&c=+&&d'), 'application/x-www-form-urlencoded'],
  [
    'a multipart',
    Buffer.from('--x\r\ncontent-disposition: form-data; name="f"\r\n\r\n\0\xff\r\n--x--'),
    'multipart/form-data; boundary=x',
  ],
  ['lines of CR', Buffer.from('a\rb\rc\r'), 'text/csv'],
  ['half an escape', Buffer.from('%4'), 'text/plain'],
  ['percent signs', Buffer.from('%'.repeat(70_000)), 'text/plain'],
  ['base64', Buffer.from(Buffer.alloc(90_000, 'abc').toString('base64')), 'text/plain'],
  ['backslashes', Buffer.from('\\u00'.repeat(30_000)), 'application/json'],
  ['a gzip file', gzipSync('packed'), 'application/gzip'],
  ['zeros', Buffer.alloc(500_000), 'application/octet-stream'],
  ['no type', Buffer.from('?'), ''],
];
const BODIES = [...sized, ...awkward, ...structured];

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe('a body that holds no secret', () => {
  test(`is one of ${BODIES.length}`, () => {
    expect(BODIES.length).toBeGreaterThanOrEqual(40);
  });

  test.each(BODIES)(
    'of %s passes unchanged both ways, with a length and without, and is kept as it was',
    async (_name, bytes, type) => {
      const typed = type === '' ? [] : ['Content-Type', type];
      for (const framing of [
        ['Content-Length', String(bytes.length)],
        ['Transfer-Encoding', 'chunked'],
      ]) {
        let there = '';
        desk.api(async (request, response) => {
          there = (await receive(request)).sha256;
          response.writeHead(200, [...typed, ...framing]);
          for await (const piece of inPieces(bytes, 50_001)) if (!response.write(piece)) await once(response, 'drain');
          response.end();
        });
        const answer = await desk.ask('/', {
          method: 'POST',
          headers: [...typed, ...framing],
          body: inPieces(bytes, 30_011),
        });
        expect([there, sha256(answer.body), answer.isWhole]).toEqual([sha256(bytes), sha256(bytes), true]);
        const { requestBody, responseBody } = await desk.settled(answer.id);
        if (bytes.length > 0)
          expect(requestBody).toEqual({ bytes: bytes.length, sha256: sha256(bytes), truncated: false });
        expect(responseBody).toEqual({
          bytes: bytes.length,
          sha256: sha256(bytes),
          truncated: false,
          wireBytes: bytes.length,
          wireSha256: sha256(bytes),
        });
      }
    },
  );

  test('is decoded where the API codes it all the same, and loses the headers that speak of the coding', async () => {
    const text = Buffer.from('{"n": 9007199254740993}'.repeat(9000));
    desk.api((_request, response) => {
      const wire = gzipSync(text);
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': wire.length }).end(wire);
    });
    const answer = await desk.ask('/');
    expect(answer.headers['content-encoding']).toBeUndefined();
    expect(answer.body.equals(text)).toBe(true);
    expect((await desk.settled(answer.id)).responseBody).toMatchObject({
      bytes: text.length,
      wireBytes: gzipSync(text).length,
    });
  });

  test('in a coding that cannot be taken off is no answer', async () => {
    desk.api((_request, response) => void response.writeHead(200, { 'content-encoding': 'rot13' }).end('uryyb'));
    const answer = await desk.ask('/');
    expect([answer.status, answer.headers['callbook-problem']]).toEqual([502, 'no-answer']);
    expect(answer.body.toString()).toContain('"reason":"protocol"');
    expect(answer.body.toString()).not.toContain('uryyb');
    expect(await desk.settled(answer.id)).toMatchObject({ outcome: 'failed', reason: 'protocol' });
  });
});

describe('a token that the API tells', () => {
  test.each(['raw', 'json', 'percent', 'percent-all', 'base64', 'base64url', 'hex', 'form'])(
    'in %s is masked at every place where a chunk may end',
    async (encoding) => {
      const told = Buffer.from(ENCODINGS[encoding]!(desk.token()));
      desk.api(async (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/plain' });
        for (let cut = 0; cut <= told.length; cut += 1) {
          for (const piece of [`${cut}: `, told.subarray(0, cut), told.subarray(cut), ' end\n']) {
            response.write(piece);
            await elapse(1);
          }
        }
        response.end();
      });
      const { body } = await desk.ask('/');
      const lines = Array.from({ length: told.length + 1 }, (_, cut) => `${cut}: *redacted* end\n`);
      expect(body.toString()).toBe(lines.join(''));
    },
    120_000,
  );

  test('is masked in a small answer, whose length is put right, and in headers', async () => {
    const token = desk.token();
    desk.api((_request, response) => {
      const body = JSON.stringify({ token, access_token: 'of-somebody-else' });
      response.writeHead(
        201,
        [
          ['Location', `/next?t=${encodeURIComponent(token)}`, 'Set-Cookie', `session=${token}; Path=/`],
          ['X-Token', 'kept: no secret of ours', 'Content-Length', String(body.length), `X-${token}`, 'named'],
        ].flat(),
      );
      response.end(body);
    });
    const answer = await desk.ask('/');
    expect(answer.body.toString()).toBe('{"token":"*redacted*","access_token":"of-somebody-else"}');
    expect(answer.headers['content-length']).toBe(String(answer.body.length));
    expect(answer.headers).toMatchObject({
      location: '/next?t=*redacted*',
      'set-cookie': ['session=*redacted*; Path=/'],
      'x-token': 'kept: no secret of ours',
    });
    expect(JSON.stringify(answer.raw)).not.toContain(token);
    const record = await desk.settled(answer.id);
    expect(record.responseBody).not.toHaveProperty('wireSha256');
    expect(record.responseBody).toMatchObject({ truncated: false });
  });

  test('is masked by value for the program, and by name too on record, in a body that streams', async () => {
    const token = desk.token();
    const padding = '.'.repeat(700_000);
    desk.api((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(`{"a":"${padding}","access_token":"of-somebody-else","b":"${token}"}`);
    });
    const answer = await desk.ask('/');
    expect(answer.body.toString()).toBe(`{"a":"${padding}","access_token":"of-somebody-else","b":"*redacted*"}`);
    const kept = `{"a":"${padding}","access_token":"*redacted*","b":"*redacted*"}`;
    expect((await desk.settled(answer.id)).responseBody).toMatchObject({
      bytes: kept.length,
      sha256: sha256(Buffer.from(kept)),
    });
    const chunks = keptChunks(desk.app.databaseFile);
    expect(chunks.some((chunk) => chunk.includes('of-somebody-else') || chunk.includes(token))).toBe(false);
    expect(chunks.some((chunk) => chunk.includes('"access_token":"*redacted*","b":"*redacted*"'))).toBe(true);
  });

  test('is masked inside a coding as well', async () => {
    const token = desk.token();
    desk.api((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(`${'x'.repeat(100_000)} ${token} end`));
    });
    const answer = await desk.ask('/');
    expect(answer.body.toString()).toMatch(/x \*redacted\* end$/);
  });
});
