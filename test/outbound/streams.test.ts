import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import type { AnswerHead, AnswerSink, Upload } from '../../src/kernel/outbound.ts';
import { answer, callTo, client, failure, httpServer, ownParts } from './clients.ts';

const own = ownParts();

function upload(pieces: readonly string[], bytes: number | null = null, end?: Error): Upload {
  return {
    bytes,
    async *chunks() {
      for (const piece of pieces) yield Buffer.from(piece);
      if (end) throw end;
    },
  };
}

/** Keeps what comes; `wait` holds every piece back. */
function sink(wait: () => Promise<void> | null = () => null) {
  const heads: AnswerHead[] = [];
  const pieces: Buffer[] = [];
  const enough = new AbortController();
  const taken: AnswerSink = {
    enough: enough.signal,
    head: (head) => {
      heads.push(head);
      return wait();
    },
    take: (bytes) => {
      pieces.push(Buffer.from(bytes));
      return wait();
    },
  };
  return { sink: taken, heads, text: () => Buffer.concat(pieces).toString(), stop: () => enough.abort() };
}

const echo = () =>
  httpServer((request, response) => {
    const { 'content-length': length = '', 'transfer-encoding': coding = '' } = request.headers;
    response.writeHead(200, { 'x-length': length, 'x-coding': coding });
    request.pipe(response);
  });

const upOnly = { method: 'POST', redirects: 'none' } as const;

describe('a body that is sent while it comes', () => {
  test.each([
    [5, '5', '', ['content-length', '5']],
    [null, '', 'chunked', ['transfer-encoding', 'chunked']],
  ] as const)('with a length of %p goes framed like that, and is shown so', async (bytes, length, coding, shown) => {
    const server = own(await echo());
    const result = await own(client()).send(callTo(server.origin, { ...upOnly, upload: upload(['ab', 'cde'], bytes) }));
    const { headers, body } = answer(result);
    expect(Object.fromEntries(headers)).toMatchObject({ 'x-length': length, 'x-coding': coding });
    expect(Buffer.from(body.bytes).toString()).toBe('abcde');
    expect(result.request.headers.at(-1)).toEqual(shown);
  });

  test('that breaks off aborts the call', async () => {
    const server = own(await echo());
    const broken = upload(['ab'], null, new Error('gone'));
    const result = await own(client()).send(callTo(server.origin, { ...upOnly, upload: broken }));
    expect(failure(result)).toMatchObject({ reason: 'aborted', detail: 'The request broke off before its end.' });
  });

  test('that is larger than allowed ends the call, at the limit and no earlier', async () => {
    const server = own(await echo());
    const send = (pieces: string[]) =>
      own(client()).send(callTo(server.origin, { ...upOnly, upload: upload(pieces), maxBytes: 4 }));
    expect(answer(await send(['ab', 'cd'])).status).toBe(200);
    expect(failure(await send(['ab', 'cd', 'e']))).toMatchObject({ reason: 'too-large' });
  });
});

describe('an answer that is handed on while it comes', () => {
  test('is told head first, then its bytes, and none are kept', async () => {
    const server = own(await httpServer((_request, response) => void response.end('whole')));
    const seen = sink();
    const { body, status } = answer(await own(client()).send(callTo(server.origin, { redirects: 'none', ...seen })));
    expect([seen.heads.map((head) => head.status), seen.text(), status]).toEqual([[200], 'whole', 200]);
    expect(body).toMatchObject({ wireBytes: 5, truncated: false });
    expect(body.bytes).toHaveLength(0);
  });

  test('waits for whoever takes it: the API cannot send more than fits on the way', async () => {
    let sent = 0;
    const server = own(
      await httpServer((_request, response) => {
        const block = Buffer.alloc(65_536);
        const pour = () => {
          while (sent < 64 * 2 ** 20) {
            sent += block.length;
            if (!response.write(block)) return;
          }
          response.end();
        };
        response.on('drain', pour);
        pour();
      }),
    );
    const seen = sink(() => new Promise(() => {}));
    const call = callTo(server.origin, { redirects: 'none', deadlineMs: 1500, maxBytes: 2 ** 30, ...seen });
    expect(failure(await own(client()).send(call)).reason).toBe('timeout');
    expect(sent).toBeLessThan(32 * 2 ** 20);
  });

  test('comes without its coding, and too much of it decoded is too large', async () => {
    const wire = gzipSync('z'.repeat(1000));
    const server = own(
      await httpServer((_r, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(wire)),
    );
    const seen = sink();
    const send = (maxBytes: number, to = seen) =>
      own(client()).send(callTo(server.origin, { redirects: 'none', maxBytes, ...to }));
    expect(answer(await send(1000)).body.wireBytes).toBe(wire.length);
    expect(seen.text()).toBe('z'.repeat(1000));
    expect(failure(await send(999, sink())).reason).toBe('too-large');
  });

  test('that its taker has enough of counts as answered, truncated', async () => {
    const server = own(await httpServer((_request, response) => void response.write('for ever')));
    const seen = sink();
    const taken: AnswerSink = { ...seen.sink, take: (bytes) => (seen.stop(), seen.sink.take(bytes)) };
    const result = await own(client()).send(callTo(server.origin, { redirects: 'none', sink: taken }));
    expect(answer(result).body).toMatchObject({ truncated: true, wireBytes: 8 });
  });

  test('that its taker cannot take aborts the call', async () => {
    const server = own(await httpServer((_request, response) => void response.end('x')));
    const seen = sink(() => Promise.reject(new Error('the disk is full')));
    const result = await own(client()).send(callTo(server.origin, { redirects: 'none', ...seen }));
    expect(failure(result)).toMatchObject({ reason: 'aborted', detail: 'The answer could not be taken in.' });
  });

  test('as a stream of events has a deadline of its own', async () => {
    const server = own(
      await httpServer((_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('data: 1\n\n');
        const later = setTimeout(() => response.end('data: 2\n\n'), 2500);
        response.once('close', () => clearTimeout(later));
      }),
    );
    const send = (eventStreamMs: number) =>
      own(client()).send(callTo(server.origin, { redirects: 'none', deadlineMs: 1500, eventStreamMs, ...sink() }));
    expect(answer(await send(20_000)).body.wireBytes).toBe(18);
    expect(failure(await send(1600)).reason).toBe('timeout');
  });
});
