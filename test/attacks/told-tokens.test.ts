import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { rowsOf } from '../support/kept-exchanges.ts';
import { keptChunks } from '../support/packed.ts';
import { type Desk, openDesk, until } from '../web/proxy/desk.ts';

let desk: Desk;

beforeAll(async () => {
  desk = await openDesk();
  await desk.ask('/');
}, 60_000);
afterAll(async () => desk[Symbol.asyncDispose]());

/** Everything that is stored, as text. */
function stored(): string {
  const values = rowsOf(desk.app.databaseFile, 'select * from exchange').flatMap((row) =>
    Object.values(row).map(String),
  );
  return [...values, ...keptChunks(desk.app.databaseFile).map((chunk) => chunk.toString('latin1'))].join('\n');
}

describe('a token that comes about while an answer goes on', () => {
  test.each(['text/event-stream', 'application/json', 'text/plain'])(
    'reaches neither the program nor the record of %s, wherever it is cut, and neither does the one before',
    async (type) => {
      let stream: ServerResponse | undefined;
      desk.api((_request, response) => {
        response.writeHead(200, { 'content-type': type }).write('data: "open\n\n');
        stream = response;
      });
      const answer = desk.ask('/audit');
      const api = await until(() => stream);
      const tokens = [desk.token()];
      for (let renewal = 0; renewal < 3; renewal += 1) {
        // The beginning of the token before is held back when the next one comes about.
        const before = tokens.at(-1)!;
        api.write(`data: ${before.slice(0, 12)}`);
        await until(() => (api.writableLength === 0 ? true : undefined));
        await desk.owner.postJson('/_token_refresh', { connection: desk.slug });
        const token = desk.token();
        api.write(`${before.slice(12)} and ${token.slice(0, 9)}`);
        await until(() => (api.writableLength === 0 ? true : undefined));
        api.write(`${token.slice(9)} and ${Buffer.from(token).toString('hex')}\n\n`);
        tokens.push(token);
      }
      api.end('data: "end\n\n');
      const { body, id } = await answer;
      await desk.settled(id);
      expect(new Set(tokens).size).toBe(4);
      for (const token of tokens) {
        expect(body.toString()).not.toContain(token);
        expect(body.toString()).not.toContain(Buffer.from(token).toString('hex'));
        expect(stored()).not.toContain(token);
        expect(stored()).not.toContain(Buffer.from(token).toString('hex'));
      }
      expect(body.toString().replaceAll('*redacted*', '*')).toBe(
        `data: "open\n\n${'data: * and * and *\n\n'.repeat(3)}data: "end\n\n`,
      );
    },
  );
});

describe('a token in the name of a header', () => {
  test('is on no record', async () => {
    const token = desk.token();
    desk.api((_request, response) => void response.writeHead(200, { [`x-${token}`]: 'named', 'x-kept': 'kept' }).end());
    const { id, raw } = await desk.ask('/');
    await desk.settled(id);
    expect(JSON.stringify(raw)).not.toContain(token);
    expect(stored()).toContain('x-*redacted*');
    expect(stored()).not.toContain(token);
  });
});

describe('an answer compressed for the way', () => {
  /** An API that says something Node's server would not. */
  async function openRaw(told: (token: string) => (string | Buffer)[]) {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', (head: Buffer) => {
        for (const piece of told(/bearer (\S+)/i.exec(head.toString('latin1'))?.[1] ?? '')) socket.write(piece);
        socket.end();
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : null;
    const fields = { provider: desk.provider, apiOrigin: `http://127.0.0.1:${port}`, name: 'Raw' };
    const slug = await desk.owner.connect(fields);
    return { slug, [Symbol.asyncDispose]: async () => void server.close() };
  }

  test.each(['gzip', 'gzip, chunked'])('as %s hides no token', async (coding) => {
    const isChunked = coding.endsWith('chunked');
    await using raw = await openRaw((token) => {
      const body = gzipSync(`before ${token} after`);
      const head = `HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: ${coding}\r\n\r\n`;
      return isChunked ? [head, `${body.length.toString(16)}\r\n`, body, '\r\n0\r\n\r\n'] : [head, body];
    });
    const answer = await desk.ask('/', { slug: raw.slug });
    expect(answer.body.toString()).toBe('before *redacted* after');
  });

  test('as nobody can read it is no answer', async () => {
    await using raw = await openRaw(() => [
      'HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: rot13, chunked\r\n\r\n5\r\nuryyb\r\n0\r\n\r\n',
    ]);
    const answer = await desk.ask('/', { slug: raw.slug });
    expect([answer.status, answer.headers['callbook-problem']]).toEqual([502, 'no-answer']);
    expect(answer.body.toString()).not.toContain('uryyb');
  });

  test('and announced beside another header loses all that speaks of the coding', async () => {
    await using raw = await openRaw(() => {
      const body = gzipSync('plain');
      const codings = 'Content-Encoding: identity\r\nContent-Encoding: gzip\r\n';
      return [`HTTP/1.1 200 OK\r\nConnection: close\r\n${codings}Content-Length: ${body.length}\r\n\r\n`, body];
    });
    const answer = await desk.ask('/', { slug: raw.slug });
    expect(answer.body.toString()).toBe('plain');
    expect(answer.headers['content-encoding']).toBeUndefined();
  });
});
