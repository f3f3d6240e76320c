import { gzipSync } from 'node:zlib';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from '@jest/globals';
import { factsOf } from '../../../src/web/context.ts';
import { body } from '../../../src/web/middleware/body.ts';
import { MOST_HAR_BYTES } from '../../../src/services/exchanges/imports/har-reader.ts';
import { serve } from './serving.ts';

const FORM = 'application/x-www-form-urlencoded';
const KiB = 1024;
const ASKER = { by: 'sign-in', userId: 'u', workspaceId: 'w', role: 'owner', name: 'Ada', signInId: 's' } as const;

const serving = ({ signedIn = true, readMs = 30_000 } = {}) =>
  serve(() => [
    async function asker(ctx, next) {
      if (signedIn) factsOf(ctx).asker = ASKER;
      await next();
    },
    body({ readMs }),
    async function answers(ctx) {
      const read = factsOf(ctx).body;
      ctx.body = read.kind === 'json' ? { kind: read.kind, value: read.value } : { ...read };
    },
  ]);

async function send(type: string | null, content: string | Buffer, path = '/x', headers: Record<string, string> = {}) {
  await using server = await serving();
  const reply = await server.ask(path, {
    method: 'POST',
    headers: { ...(type !== null && { 'content-type': type }), ...headers },
    body: content,
  });
  return { ...reply, json: JSON.parse(reply.text) as Record<string, unknown> };
}

describe('a form', () => {
  test('is read as its fields', async () => {
    const { json } = await send(`${FORM}; charset=UTF-8`, 'a=1&b=%C3%A9+x&__proto__=y');

    expect(json).toEqual(JSON.parse('{"kind":"form","fields":{"a":"1","b":"é x","__proto__":"y"}}'));
  });

  test('with a field twice is refused, and the field is named', async () => {
    expect(await send(FORM, 'role=viewer&role=owner')).toMatchObject({ status: 400, json: { field: 'role' } });
  });

  test.each([
    [64 * KiB, 200],
    [64 * KiB + 1, 413],
  ])('of %i bytes gets %i', async (bytes, status) => {
    const reply = await send(FORM, `a=${'x'.repeat(bytes - 2)}`);

    expect(reply.status).toBe(status);
  });

  test('of the composer may be large', async () => {
    const content = `body=${'x'.repeat(100 * KiB)}`;

    expect((await send(FORM, content, '/connections/partner/exchanges')).status).toBe(200);
    expect((await send(FORM, content, '/connections/partner/exchanges/x')).status).toBe(413);
    expect((await send(FORM, content, '/connections/partner')).status).toBe(413);
  });

  test('that is not UTF-8 is refused', async () => {
    expect((await send(FORM, Buffer.from([0x61, 0x3d, 0xff]))).status).toBe(400);
  });
});

describe('JSON', () => {
  test.each(['application/json', 'application/problem+json', 'Application/JSON;charset=utf-8'])(
    'as %s is read',
    async (type) => {
      expect((await send(type, '{"a":[1,null]}')).json).toEqual({ kind: 'json', value: { a: [1, null] } });
    },
  );

  test.each([
    ['', 0],
    ['{"a":1', 6],
    ['{"a":tru}', 5],
    ['{"a":1,}', 7],
    ['{"token":"hunter2" x}', 19],
    ['[1 2]', 3],
    ['{"a" 1}', 5],
    ['["\\u12"]', 1],
    ['["line\nend"]', 1],
    ['{"a":01}', 5],
    ['[]]', 2],
    ['{]', 1],
    ['\uFEFF{}', 0],
    ["{'a':1}", 1],
    ['NaN', 0],
  ])('%j is refused at character %i, unquoted', async (content, offset) => {
    const { status, json, text: whole } = await send('application/json', content.padEnd(1));

    expect({ status, offset: json.offset }).toEqual({ status: 400, offset: content === '' ? 1 : offset });
    expect(whole).not.toContain('hunter2');
  });

  test.each([
    [1024 * KiB, 200],
    [1024 * KiB + 1, 413],
  ])('of %i bytes gets %i', async (bytes, status) => {
    expect((await send('application/json', `"${'x'.repeat(bytes - 2)}"`)).status).toBe(status);
  });

  test('for the composer of programs may be large', async () => {
    const content = `"${'x'.repeat(2048 * KiB)}"`;

    for (const path of ['/api/v1/connections/partner/exchanges', '/API/v1/connections/partner/exchanges']) {
      expect((await send('application/json', content, path)).status).toBe(200);
    }
    expect((await send('application/json', content, '/api/v1/connections/partner')).status).toBe(413);
  });
});

describe('a body of another kind', () => {
  test.each([
    ['text/plain', {}],
    ['multipart/form-data; boundary=x', {}],
    [null, {}],
    ['application/json', { 'content-encoding': 'gzip' }],
  ])('as %s with %j gets 415', async (type, headers) => {
    const { status, json } = await send(type, gzipSync('{}'), '/x', headers);

    expect({ status, type: json.type }).toEqual({ status: 415, type: '/problems/unsupported-media-type' });
  });

  test.each(['/proxy/partner/orders', '/Proxy/partner', '/PROXY'])(
    'is left alone on its way through the proxy, as %s',
    async (path) => {
      expect((await send('text/plain', 'anything', path)).json).toEqual({ kind: 'none' });
    },
  );

  test('is read where the path only begins like the proxy’s', async () => {
    expect((await send('text/plain', 'anything', '/proxyish')).status).toBe(415);
  });
});

describe('a stranger', () => {
  test('may send nothing large, wherever to', async () => {
    await using server = await serving({ signedIn: false });
    const large = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `"${'x'.repeat(65 * KiB)}"`,
    };

    expect((await server.ask('/api/v1/connections/partner/exchanges', large)).status).toBe(413);
  });
});

describe('a body whose length is not told before', () => {
  test('is cut off at the limit, with its connection', async () => {
    await using server = await serving();

    const socket = connect(server.port, '127.0.0.1');
    socket.write(`POST /x HTTP/1.1\r\nHost: x\r\nContent-Type: ${FORM}\r\nTransfer-Encoding: chunked\r\n\r\n`);
    for (let sent = 0; sent < 5; sent += 1) socket.write(`4000\r\n${'x'.repeat(0x4000)}\r\n`);
    const answer = await text(socket);

    expect(answer).toMatch(/^HTTP\/1\.1 413 [^]*connection: close/i);
  });
});

describe('a body that says of itself that it is too large', () => {
  test.each([
    ['/x', FORM, 64 * KiB, '64 KiB'],
    ['/x', 'application/json', 1024 * KiB, '1 MiB'],
    ['/connections/partner/exchanges', FORM, 24 * 1024 * KiB, '24 MiB'],
    ['/api/v1/exchanges/imports', 'application/json', MOST_HAR_BYTES + 64 * KiB, '64 MiB'],
  ])('to %s, as %s, is told the limit in the unit that fits', async (path, type, limit, told) => {
    const reply = await send(type, '', path, { 'content-length': String(limit + 1) });

    expect(reply).toMatchObject({
      status: 413,
      json: { detail: `The body is larger than ${told}, which is the limit here.` },
    });
  });
});

describe('a body that does not come', () => {
  test('is waited for no longer than it may take', async () => {
    await using server = await serving({ readMs: 50 });

    const socket = connect(server.port, '127.0.0.1');
    socket.write(`POST /x HTTP/1.1\r\nHost: x\r\nContent-Type: ${FORM}\r\nContent-Length: 10\r\n\r\na=`);
    const answer = await text(socket);

    expect(answer).toMatch(/^HTTP\/1\.1 400 [^]*did not arrive within 0\.05 seconds/);
  });
});

describe('a file for the import', () => {
  const boundary = 'multipart/form-data; boundary=x';
  const part = (head: string, content: string) =>
    `--x\r\nContent-Disposition: form-data; ${head}\r\n\r\n${content}\r\n`;
  const textOf = (pieces: unknown) =>
    Buffer.concat((pieces as { data: number[] }[]).map(({ data }) => Buffer.from(data))).toString();

  test('comes with the fields of its form, and is not read', async () => {
    const content = part('name="csrf"', 'token') + part('name="file"; filename="a.har"', '\u{1F600}'.repeat(40_000));
    const { json } = await send(boundary, `${content}--x--\r\n`, '/exchanges/imports');

    expect([json.kind, json.fields, textOf(json.file)]).toEqual(['form', { csrf: 'token' }, '😀'.repeat(40_000)]);
  });

  test('that nobody chose is none', async () => {
    const { json } = await send(boundary, `${part('name="file"; filename=""', '')}--x--\r\n`, '/exchanges/imports');

    expect(json).toEqual({ kind: 'form', fields: {}, file: null });
  });

  test('comes as JSON that nobody has read yet', async () => {
    const { json } = await send('application/json', '{"log": tru', '/api/v1/exchanges/imports');

    expect([json.kind, textOf(json.pieces)]).toEqual(['unread json', '{"log": tru']);
  });

  test('may be large there and nowhere else', async () => {
    const json = (bytes: number) => `"${'x'.repeat(bytes)}"`;
    const form = (bytes: number) => `${part('name="file"; filename="a"', json(bytes))}--x--\r\n`;
    const large = 30 * 1024 * KiB;
    const more = 2 * 1024 * KiB;

    expect((await sendAway(boundary, form(large), '/exchanges/imports')).status).toBe(200);
    expect((await sendAway(boundary, form(more), '/Exchanges/Imports/')).status).toBe(200);
    expect((await sendAway('application/json', json(large), '/api/v1/exchanges/imports')).status).toBe(200);
    expect((await sendAway('application/json', json(more), '/api/v1/exchanges')).status).toBe(413);
    expect((await sendAway(boundary, form(more), '/exchanges/imports/x')).status).toBe(415);
  });

  /** As `send`, and says nothing of what was read. */
  async function sendAway(type: string, content: string, path: string) {
    await using server = await serve(() => [
      async function asker(ctx, next) {
        factsOf(ctx).asker = ASKER;
        await next();
      },
      body(),
      async function answers(ctx) {
        ctx.status = 200;
        ctx.body = 'read';
      },
    ]);
    const reply = await server.ask(path, { method: 'POST', headers: { 'content-type': type }, body: content });
    return reply;
  }
});
