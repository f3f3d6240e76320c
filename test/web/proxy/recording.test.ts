import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { receive } from '../../support/received.ts';
import { type Desk, dial, got, openDesk, said, until } from './desk.ts';

let desk: Desk;

beforeAll(async () => {
  desk = await openDesk();
  await desk.ask('/');
}, 60_000);
afterAll(async () => desk[Symbol.asyncDispose]());

function sql(statement: string): void {
  const database = new Database(desk.app.databaseFile, { timeout: 5000 });
  database.exec(statement);
  database.close();
}

const newest = () => desk.records().at(-1);

/** A request whose answer is looked at while it comes. */
async function asking(path: string, method = 'GET', headers: readonly string[] = []) {
  const request = httpRequest(desk.app.url, {
    method,
    path: `/proxy/${desk.slug}${path}`,
    headers: ['Host', 'x', 'Authorization', `Bearer ${desk.key}`, 'Connection', 'close', ...headers],
  });
  request.on('error', () => {});
  return request;
}

/** The API's side of the next request, to be played by hand. */
function played(): Promise<{ request: IncomingMessage; response: ServerResponse }> {
  return new Promise((resolve) => desk.api((request, response) => resolve({ request, response })));
}

describe('the record of a relayed call', () => {
  test.each(['GET', 'HEAD', 'POST'])('of %s is pending before the API sees its first byte', async (method) => {
    let during: ReturnType<typeof newest>;
    desk.api((_request, response) => {
      during = newest();
      response.end();
    });
    const { id } = await desk.ask('/first', { method });
    expect(during).toMatchObject({ id, method, outcome: 'pending', sentBy: 'API key editor for a test', attempts: 1 });
    expect(JSON.stringify(during)).not.toContain(desk.token());
    expect(newest()).toMatchObject({ id, outcome: 'answered', status: 200 });
  });

  test('is settled before the end of a long answer, whose beginning is out long since', async () => {
    const api = played();
    const request = await asking('/');
    request.end();
    const { response } = await api;
    response.write('first');
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    const [first] = (await once(answer, 'data')) as [Buffer];
    // What may be the beginning of a secret waits for what comes next.
    expect(first.toString()).toMatch(/^firs/);
    expect(newest()?.outcome).toBe('pending');
    let outcomeAtEnd: string | undefined;
    answer.once('end', () => (outcomeAtEnd = newest()?.outcome));
    response.end('last');
    await got(answer);
    expect(outcomeAtEnd).toBe('answered');
  });

  describe('that cannot be written', () => {
    afterEach(() => sql('drop trigger if exists planted'));
    const plant = () =>
      sql("create trigger planted before update on exchange begin select raise(abort, 'planted'); end");

    test('takes the end from a long answer', async () => {
      plant();
      desk.api((_request, response) => {
        response.write('x'.repeat(100_000));
        response.end('last');
      });
      const answer = await desk.ask('/');
      expect([answer.status, answer.isWhole]).toEqual([200, false]);
      expect(newest()?.outcome).toBe('pending');
    });

    test('takes all of a short one, a head without a body too', async () => {
      plant();
      desk.api((_request, response) => void response.writeHead(200, { 'content-length': 2 }).end('ok'));
      const short = await desk.ask('/');
      expect([short.status, short.headers['callbook-problem']]).toEqual([500, 'unexpected']);
      const head = await desk.ask('/', { method: 'HEAD' });
      expect(head.status).toBe(500);
    });
  });
});

describe('a 401', () => {
  const unlessNew = (old: string) => async (request: IncomingMessage, response: ServerResponse) => {
    const { bytes, sha256 } = await receive(request);
    if (request.headers.authorization === `Bearer ${old}`) response.writeHead(401, { 'content-length': 4 }).end('none');
    else response.end(JSON.stringify({ bytes, sha256 }));
  };

  test('is answered by a resend with a later token, the body from its beginning', async () => {
    const old = desk.token();
    desk.api(unlessNew(old));
    const body = Buffer.alloc(900_000, 'again');
    const answer = await desk.ask('/', { method: 'POST', headers: ['Content-Length', '900000'], body });
    expect(answer.status).toBe(200);
    expect(answer.body.toString()).toContain('"bytes":900000');
    expect(desk.token()).not.toBe(old);
    const record = await desk.settled(answer.id);
    expect(record).toMatchObject({ outcome: 'answered', status: 200, attempts: 2, requestBody: { bytes: 900_000 } });
    expect(record.hops.map(({ attempt, status }) => [attempt, status])).toEqual([
      [1, 401],
      [2, 200],
    ]);
  });

  test('that comes while the body is still coming is answered by a resend of what was kept and the rest', async () => {
    const old = desk.token();
    const early = Promise.withResolvers<void>();
    desk.api(async (request, response) => {
      if (request.headers.authorization !== `Bearer ${old}`) return unlessNew(old)(request, response);
      response.writeHead(401, { 'content-length': 4 }).end('none');
      early.resolve();
    });
    const request = await asking('/', 'POST', ['Transfer-Encoding', 'chunked']);
    const answered = once(request, 'response') as Promise<[IncomingMessage]>;
    request.write('x'.repeat(1000));
    await early.promise;
    await until(() => (desk.token() === old ? undefined : true));
    request.end('y'.repeat(500));
    const answer = await got((await answered)[0]);
    expect([answer.status, answer.body.toString()]).toEqual([200, expect.stringContaining('"bytes":1500')]);
    expect(await desk.settled(answer.id)).toMatchObject({
      attempts: 2,
      requestBody: { bytes: 1500, truncated: false },
    });
  });

  test('passes through where more than 1 MiB was sent', async () => {
    const old = desk.token();
    desk.api(unlessNew(old));
    const body = Buffer.alloc(2 * 2 ** 20, 'big');
    const answer = await desk.ask('/', { method: 'POST', headers: ['Content-Length', String(body.length)], body });
    expect([answer.status, answer.body.toString(), answer.headers['content-length']]).toEqual([401, 'none', '4']);
    expect(desk.token()).toBe(old);
    expect(await desk.settled(answer.id)).toMatchObject({ status: 401, attempts: 1 });
  });

  test('that a later token does not help is told, and the next ones at once', async () => {
    desk.api((_request, response) => void response.writeHead(401).end('never'));
    const first = await desk.ask('/');
    const second = await desk.ask('/');
    expect([first.status, first.body.toString(), second.status]).toEqual([401, 'never', 401]);
    expect((await desk.settled(first.id)).attempts).toBe(2);
    expect((await desk.settled(second.id)).attempts).toBe(1);
    // A call that succeeds ends the quiet.
    desk.api((_request, response) => void response.end());
    await desk.ask('/');
  });
});

describe('a client that leaves', () => {
  test('while it sends its body aborts the call', async () => {
    const api = played();
    const request = await asking('/', 'POST', ['Content-Length', '1000000']);
    request.write('x'.repeat(1000));
    const upstream = await api;
    await once(upstream.request, 'data');
    request.destroy();
    await until(() => (upstream.request.destroyed ? true : undefined));
    const record = await desk.settled(newest()!.id);
    expect(record).toMatchObject({
      outcome: 'failed',
      reason: 'aborted',
      requestBody: { bytes: 1000, truncated: true },
    });
  });

  test('by closing its side before the announced length came is recorded as aborted', async () => {
    const api = played();
    const socket = await dial(desk.app);
    socket.write(
      `PUT /proxy/${desk.slug}/x HTTP/1.1\r\nHost: x\r\nCallbook-Key: ${desk.key}\r\nContent-Length: 10\r\n\r\n12345`,
    );
    await api;
    socket.end();
    await said(socket);
    expect(await desk.settled(newest()!.id)).toMatchObject({ outcome: 'failed', reason: 'aborted' });
  });

  test('later than that does not: the answer is read to its end for the record', async () => {
    const api = played();
    const request = await asking('/');
    request.end();
    const { response } = await api;
    response.write('x'.repeat(1000));
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    await once(answer, 'data');
    request.destroy();
    const bytes = Buffer.alloc(3_000_000, 'z');
    response.end(bytes);
    expect(await desk.settled(newest()!.id)).toMatchObject({
      outcome: 'answered',
      responseBody: { bytes: 3_001_000, truncated: false },
    });
  });

  test('a stream of events ends it, and it is kept as answered, truncated', async () => {
    const api = played();
    const request = await asking('/');
    request.end();
    const { response } = await api;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: 1\n\n');
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    await once(answer, 'data');
    request.destroy();
    await once(response, 'close');
    expect(await desk.settled(newest()!.id)).toMatchObject({
      outcome: 'answered',
      status: 200,
      responseBody: { bytes: 9, truncated: true },
    });
  });
});

describe('a stream of events', () => {
  test('comes event by event, although what ends it looks like the beginning of a token', async () => {
    const begun = desk.token().slice(0, 10);
    const api = played();
    const request = await asking('/');
    request.end();
    const { response } = await api;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    for (const event of ['data: one\n\n', `data: ${begun}\r\n\r\n`, `: ${desk.token()}\n\n`]) {
      response.write(event);
      const [chunk] = (await once(answer, 'data')) as [Buffer];
      expect(chunk.toString()).toBe(event.replace(desk.token(), '*redacted*'));
    }
    response.end();
    expect((await got(answer)).isWhole).toBe(true);
  });
});

describe('no answer', () => {
  test('is 502 with the reason and the name of the record', async () => {
    desk.api((request) => void request.socket.destroy());
    const answer = await desk.ask('/');
    expect([answer.status, answer.headers['callbook-problem']]).toEqual([502, 'no-answer']);
    expect(JSON.parse(answer.body.toString())).toMatchObject({ type: '/problems/no-answer', reason: 'protocol' });
    expect(await desk.settled(answer.id)).toMatchObject({ outcome: 'failed', reason: 'protocol' });
  });

  test('in time is 504', async () => {
    const slow = await desk.owner.connect({
      provider: desk.provider,
      apiOrigin: desk.apiOrigin,
      name: 'Slow',
      timeoutMs: '1000',
    });
    desk.api(() => {});
    const answer = await desk.ask('/', { slug: slow });
    expect([answer.status, answer.headers['callbook-problem']]).toEqual([504, 'timed-out']);
    expect(await desk.settled(answer.id)).toMatchObject({ outcome: 'failed', reason: 'timeout' });
  });

  test('that is whole, but a part of one, is no clean end for the client', async () => {
    desk.api((_request, response) => {
      response.write('x'.repeat(100_000), () => response.socket?.destroy());
    });
    const long = await desk.ask('/');
    expect([long.status, long.isWhole]).toEqual([200, false]);
    expect(await desk.settled(long.id)).toMatchObject({ outcome: 'failed', reason: 'protocol', status: 200 });
    desk.api((_request, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('x', () => response.socket?.destroy());
    });
    const short = await desk.ask('/');
    expect([short.status, short.headers['callbook-problem']]).toEqual([502, 'no-answer']);
  });

  test.each([
    ['a head that is none', 'SMTP ready\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    ['a header over many lines', 'HTTP/1.1 200 OK\r\nX: a\r\n b\u0000\r\nContent-Length: 0\r\n\r\n'],
    ['too many headers', `HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(2000)}Content-Length: 0\r\n\r\n`],
    ['a head too large', `HTTP/1.1 200 OK\r\nX: ${'y'.repeat(70_000)}\r\nContent-Length: 0\r\n\r\n`],
  ])('is what %s is', async (_name, raw) => {
    desk.api((request) => void request.socket.end(raw, 'latin1'));
    const answer = await desk.ask('/');
    expect([answer.status, answer.headers['callbook-problem']]).toEqual([502, 'no-answer']);
    expect((await desk.settled(answer.id)).outcome).toBe('failed');
  });
});
