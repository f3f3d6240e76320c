import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { HeaderPairs } from '../../../../src/kernel/headers.ts';
import { copiedRequest } from '../../../../src/services/exchanges/copies/copied-request.ts';
import { COPY_FORMATS } from '../../../../src/services/exchanges/copies/copy-formats.ts';

const run = promisify(execFile);

interface Got {
  readonly method: string;
  readonly target: string;
  readonly headers: HeaderPairs;
  readonly body: Buffer;
}

const got: Got[] = [];
const server = createServer((request, response) => {
  void keep(request, response);
});
let origin = '';
let folder = '';
/** Tools that are not on every machine; without one, what a shell makes of the words is looked at alone. */
const there = new Map<string, boolean>();

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  folder = await mkdtemp(join(tmpdir(), 'callbook-copies-'));
  const can = (file: string, ...args: string[]) =>
    run(file, args).then(
      () => true,
      () => false,
    );
  there.set('curl', await can('curl', '--version'));
  there.set('python', await can('python3', '-c', 'import requests'));
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true, force: true });
});

async function keep(request: IncomingMessage, response: ServerResponse): Promise<void> {
  got.push(await receive(request));
  response.end('{}');
}

async function receive(request: IncomingMessage): Promise<Got> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { method = '', url = '', rawHeaders } = request;
  const headers = rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [[name, rawHeaders[at + 1] ?? ''] as const] : []));
  return { method, target: url, headers, body: Buffer.concat(chunks) };
}

const EVIL = `it's "q" $HOME \`id\` $(id) !! \\ %s #{x} \${x} end`;
const VALUES: HeaderPairs = [
  ['X-Evil', EVIL],
  ['X-At', '@/etc/passwd'],
  ['X-Equals', '=1'],
  ['X-Colon', ':=1'],
  ['X-Dash', '-1'],
  ['X-Empty', ''],
  ['X-Twice', '1'],
  ['X-Between', 'b'],
  ['X-Twice', '2'],
];
const TYPE = ['Content-Type', 'text/plain'] as const;
const every = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

const CASES: readonly (readonly [string, string, string, HeaderPairs, Buffer | null])[] = [
  ['a plain read', 'GET', '/orders?a=1&a=2&b=%2F%20', [['Accept', '*/*']], null],
  ['odd characters in the URL', 'GET', `/o'rders/[1]/{a,b}/%F0%9F%9A%80?q=$HOME&x=!!&y=*`, [], null],
  ['hostile header values', 'GET', '/x', VALUES, null],
  ['a hostile body', 'POST', '/x', [TYPE], Buffer.from(`@/etc/passwd\n${EVIL}\n\ttab é 日本 🚀\n\n`)],
  ['a body like a heredoc', 'PUT', '/x', [TYPE], Buffer.from(`END\n'END'\nEOF\n`)],
  ['a body of every byte, NUL too', 'POST', '/x', [['Content-Type', 'image/png']], every],
  ['a text with NUL', 'POST', '/x', [TYPE], Buffer.from('a\0b')],
  ['a text that turns round', 'POST', '/x', [TYPE], Buffer.from('a\u202eb\r\n')],
  ['a body without a type', 'POST', '/x', [], Buffer.from('{"a": 1}')],
  ['a body larger than curl sends unasked', 'POST', '/x', [TYPE], Buffer.alloc(40_000, "a'$")],
  ['a body of a GET', 'GET', '/search', [TYPE], Buffer.from('{"q": "\'"}')],
  ['a method of its own', 'QUERY', '/x', [TYPE], Buffer.from('select 1')],
  ['HEAD', 'HEAD', '/x', [], null],
];

function recorded(method: string, target: string, headers: HeaderPairs, body: Buffer | null, more: object = {}) {
  const exchange = {
    id: '0193b3f0-7c1a-7000-8000-0123456789ab',
    method,
    url: origin + target,
    requestHeaders: [
      ['Host', origin.slice(7)],
      ...headers,
      ['Content-Length', String(body?.length ?? 0)],
    ] as HeaderPairs,
    requestBody: body && { bytes: body.length, sha256: '', truncated: false },
    ...more,
  };
  return copiedRequest(exchange, body);
}

const RUNNERS: Readonly<Record<string, readonly string[]>> = {
  curl: ['sh', '-c', 'for file; do sh "$file" || exit; done', 'sh'],
  python: ['python3', '-c', 'import runpy, sys\nfor file in sys.argv[1:]: runpy.run_path(file)'],
  fetch: [
    process.execPath,
    '--input-type=module',
    '-e',
    'for (const file of process.argv.slice(1)) await import(file);',
  ],
};

/** Sends copies one after the other, in one process where a process does it; gives what arrived. */
async function perform(id: string, copies: readonly (string | Buffer)[]): Promise<Got[]> {
  got.length = 0;
  const [file = '', ...args] = RUNNERS[id] ?? [];
  if (file === '')
    for (const copy of copies) await textOf(connect(Number(origin.split(':')[2]), '127.0.0.1').end(copy));
  else {
    const files = copies.map((_, at) => join(folder, `${id}-${at}.mjs`));
    await Promise.all(files.map((path, at) => writeFile(path, copies[at] ?? '')));
    await run(file, [...args, ...files]);
  }
  return [...got];
}

/** Framing and what a tool adds of its own accord is not compared. */
function sentOf({ headers }: Got, wanted: HeaderPairs, isJoined: boolean): string[] {
  const names = new Set(wanted.map(([name]) => name.toLowerCase()));
  const own = headers.filter(([name]) => names.has(name.toLowerCase()));
  return isJoined ? joined(own) : own.map(([name, value]) => `${name}: ${value}`);
}

function joined(pairs: HeaderPairs): string[] {
  return [...Map.groupBy(pairs, ([name]) => name.toLowerCase())].map(
    ([name, all]) => `${name}: ${all.map(([, value]) => value).join(', ')}`,
  );
}

describe.each(['curl', 'fetch', 'python', 'http'])('a request copied as %s', (id) => {
  const format = COPY_FORMATS.find((one) => one.id === id);
  const isJoined = id === 'fetch' || id === 'python';
  let copies: readonly (string | Buffer)[] = [];
  let arrived: readonly Got[] = [];
  beforeAll(async () => {
    copies = CASES.map(([, ...parts]) => format?.write(recorded(...parts)) ?? '');
    if (there.get(id) !== false) arrived = await perform(id, copies);
  }, 60_000);

  test.each(CASES.map((one, at) => [one[0], at, one] as const))('sends what is on record: %s', (_what, at, one) => {
    const [, method, target, headers, body] = one;
    const copy = copies[at];
    if (there.get(id) === false) return expect(String(copy)).toContain(method);

    const request = arrived[at];
    if (!request) throw new Error('Nothing was sent.');
    const isLeftOut = id === 'fetch' && method === 'GET';
    expect(request.method).toBe(method);
    // Both libraries write some harmless characters of a URL in another way.
    if (isJoined) expect(decodeURI(request.target)).toBe(decodeURI(target));
    else expect(request.target).toBe(target);
    expect(request.body).toEqual(isLeftOut ? Buffer.alloc(0) : (body ?? Buffer.alloc(0)));
    const sent = sentOf(request, headers, isJoined);
    expect(isJoined ? sent.toSorted() : sent).toEqual(
      isJoined ? joined(headers).toSorted() : headers.map(([name, value]) => `${name}: ${value}`),
    );
    if (isLeftOut && body) expect(String(copy)).toContain('fetch refuses a body with GET');
    if (id === 'curl' || id === 'http') {
      const names = request.headers.map(([name]) => name.toLowerCase());
      const known = ['host', 'content-length', 'connection', ...headers.map(([name]) => name.toLowerCase())];
      expect(names.filter((name) => !known.includes(name))).toEqual([]);
    }
  });
});

describe('a request copied for HTTPie', () => {
  /** What the shell gives the program: its words, and what stands before it in the pipe. */
  async function words(copy: string): Promise<string[]> {
    const script = `http() { for word; do printf '%s\\000' "$word"; done; }\n${copy}`;
    return (await run('sh', ['-c', script])).stdout.split('\0').slice(0, -1);
  }

  test.each(CASES)('reaches the program word by word: %s', async (_what, method, target, headers, body) => {
    const copy = COPY_FORMATS[1]?.write(recorded(method, target, headers, body)) as string;
    const seen = await words(copy);

    expect(seen).toContain(method);
    expect(seen[seen.indexOf(method) + 1]).toBe(origin + target);
    const isText = body !== null && !/[\0\r]/.test(body.toString());
    expect(seen.includes('--raw') ? seen[seen.indexOf('--raw') + 1] : null).toBe(isText ? body.toString() : null);
    for (const [name, value] of headers) {
      const escaped = /^[:;=@]/.test(value) ? `\\${value}` : value;
      expect(seen).toContain(value === '' ? `${name};` : `${name}:${escaped}`);
    }
    if (body !== null && !isText) expect(copy).toMatch(/^base64 -d <<'END' \| http /);
  });
});

describe('what is not on record', () => {
  const masked: HeaderPairs = [['Authorization', '*redacted*'], TYPE];

  test.each(COPY_FORMATS)('is asked for or said: $id', (format) => {
    const body = Buffer.from('the beginning of');
    const request = recorded('POST', '/x', masked, body, {
      requestBody: { bytes: body.length, sha256: '', truncated: true },
    });
    const copy = String(format.write(request));

    expect(copy).toContain('The body is not whole: the first 16 bytes are on record, and more was sent.');
    if (format.id === 'http') expect(copy).toContain('Authorization: *redacted*\r\n');
    else expect(copy).toMatch(/AUTHORIZATION/);
    if (format.id !== 'http') expect(copy).not.toContain('*redacted*');
  });

  test('is taken from the environment by a shell, which stops where it is not set', async () => {
    const copy = String(COPY_FORMATS[0]?.write(recorded('GET', '/x', masked, null)));
    const script = `curl() { for word; do printf '%s\\000' "$word"; done; }\n${copy}`;

    await expect(run('sh', ['-c', script])).rejects.toMatchObject({ stderr: expect.stringContaining('AUTHORIZATION') });
    const { stdout } = await run('sh', ['-c', script], { env: { AUTHORIZATION: `Bearer it's $HOME` } });
    expect(stdout.split('\0')).toContain(`Authorization: Bearer it's $HOME`);
  });

  test.each(COPY_FORMATS)('is read from a file where it is too large: $id', (format) => {
    const request = recorded('POST', '/x', [TYPE], Buffer.alloc(70_000, 'x'));
    const copy = String(format.write(request));

    expect(copy.length).toBeLessThan(2000);
    expect(copy).toContain('0193b3f0-7c1a-7000-8000-0123456789ab-request-body');
  });
});
