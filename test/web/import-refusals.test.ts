import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { rowsOf } from '../support/kept-exchanges.ts';
import { harEntry, harOf } from '../support/hars.ts';
import { join } from '../support/people.ts';
import { openWorld, type World } from './api/world.ts';
import { good, withRequest, WRONG_ENTRIES } from './wrong-entries.ts';

const IMPORTS = '/api/v1/exchanges/imports';
const JSON_TYPE = { 'content-type': 'application/json' };
const MiB = 2 ** 20;

let world: World;
let rows: Record<string, unknown>;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(async () => world[Symbol.asyncDispose]());

beforeEach(() => {
  rows = counted();
});
afterEach(() => {
  expect(counted()).toEqual(rows);
});

/** Rows of every table that an import writes to, and of those its triggers do. */
function counted(): Record<string, unknown> {
  const tables = ['exchange', 'body', 'body_chunk', 'loose_body'];
  const counts = tables.map((table) => `(select count(*) from "${table}") as "${table}"`);
  return rowsOf(world.app.databaseFile, `select ${counts.join(', ')}`)[0]!;
}

function importing(body: string | Uint8Array, headers: Record<string, string> = JSON_TYPE) {
  return world.editor.ask('POST', IMPORTS, { body, headers });
}

async function refused(body: string | Uint8Array) {
  const reply = await importing(body);
  const { errors = [] } = reply.json<{ errors?: { pointer: string; detail: string }[] }>();
  return { status: reply.status, problem: reply.problem, errors };
}

describe('an entry that is wrong', () => {
  test.each(WRONG_ENTRIES)('in %s is named, and none comes in', async (_what, entry, field, detail) => {
    const { status, problem, errors } = await refused(harOf(good, good, entry, good));

    expect([status, problem]).toEqual([422, 'invalid-input']);
    expect(errors).toContainEqual({ pointer: `/log/entries/2${field}`, detail });
  });

  test('in several ways is told of each, ten at most', async () => {
    const headers = Array.from({ length: 50 }, () => ({ name: 1 }));
    const { errors } = await refused(harOf(withRequest({ method: '', headers })));

    expect(errors).toHaveLength(10);
  });
});

const TOO_DEEP = 'The file has lists and objects in each other, more than 256 deep: see its beginning.';
const DEEP = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;

describe('a file', () => {
  test.each<[string, string | Uint8Array, string]>([
    ['of no bytes that are JSON', 'GIF89a, really', 'The file is not JSON: see its beginning.'],
    ['of white space', '  ', 'The file ends too early: see its beginning.'],
    [
      'cut in its second entry',
      harOf(good, good).slice(0, -900_000),
      'The file ends too early: see what comes after entry 1.',
    ],
    [
      'with a comma too many',
      harOf(good, good).replace(/\]\}\}$/, ',]}}'),
      'The file is not JSON: see what comes after entry 2.',
    ],
    ['with something after its end', `${harOf(good)} x`, 'The file is not JSON: see what comes after entry 1.'],
    ['of two documents', harOf(good) + harOf(good), 'The file is not JSON: see what comes after entry 1.'],
    [
      'in Latin 1',
      Buffer.from(harOf(withRequest({ headers: [{ name: 'a', value: 'é' }] })), 'latin1'),
      'The file is not in UTF-8: see its beginning.',
    ],
    ['of JSON that is no HAR', '{"entries": []}', 'This is no HAR: it has no list log.entries.'],
    [
      'with a comment that nests without end',
      harOf(harEntry()).replace('"version"', `"comment": ${DEEP}, "version"`),
      TOO_DEEP,
    ],
    ['with such a comment in an entry', harOf(harEntry({ comment: 'here' })).replace('"here"', DEEP), TOO_DEEP],
    ['of a list', '[1, 2]', 'This is no HAR: it has no list log.entries.'],
    ['whose entries are an object', '{"log": {"entries": {"0": {}}}}', 'There are no entries in this HAR.'],
    ['without entries', harOf(), 'There are no entries in this HAR.'],
    [
      'with too many entries',
      harOf(...Array.from({ length: 5_001 }, () => harEntry())),
      'At most 5,000 entries are imported at once, and this HAR has more.',
    ],
  ])('%s says so, and none comes in', async (_what, body, detail) => {
    expect(await refused(body)).toEqual({ status: 422, problem: 'invalid-input', errors: [{ pointer: '', detail }] });
  });

  test('of more than 64 MiB is refused as too large', async () => {
    const large = Buffer.alloc(65 * MiB, 0x20);
    const reply = await importing(large).catch(() => null);
    // Whoever sends on while nobody reads may find the line cut before the answer.
    if (reply) expect([reply.status, reply.problem]).toEqual([413, 'too-large']);
    expect((await world.viewer.ask('GET', '/api/v1/exchanges?limit=1')).status).toBe(200);
  });

  test('of another type is refused', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      const reply = await importing(type.startsWith('multipart') ? '--x--\r\n' : 'a=b', { 'content-type': type });
      expect([type, reply.status, reply.problem]).toEqual([type, 415, 'unsupported-media-type']);
    }
  });
});

describe('a form', () => {
  test('without a file, or with a wrong one, is shown again and says why', async () => {
    const editor = await join(world.app, 'editor');
    for (const [file, sentence] of [
      ['', 'Choose a file.'],
      ['GIF89a', 'The file is not JSON'],
      [harOf(good, withRequest({ method: '' })), 'Entry 2: request.method must be a single word'],
    ] as const) {
      const { status, text } = await editor.upload('/exchanges/imports', file);
      expect([status, text.includes(sentence), text.includes('type="file"')]).toEqual([422, true, true]);
    }
  });

  test.each([
    ['a field twice', '--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\na\r\n'.repeat(2) + '--x--\r\n'],
    ['no end', '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n{"log"'],
    [
      'two files',
      '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n{}\r\n'.repeat(2) + '--x--\r\n',
    ],
    [
      'a thousand fields',
      Array.from(
        { length: 1_000 },
        (_, at) => `--x\r\nContent-Disposition: form-data; name="f${at}"\r\n\r\na\r\n`,
      ).join('') + '--x--\r\n',
    ],
    [
      'a field that is too long',
      `--x\r\nContent-Disposition: form-data; name="f"\r\n\r\n${'a'.repeat(9_000)}\r\n--x--\r\n`,
    ],
  ])('with %s cannot be read', async (_what, body) => {
    const cookie = [...world.browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(`${world.app.url}/exchanges/imports`, {
      method: 'POST',
      headers: { cookie, 'sec-fetch-site': 'same-origin', 'content-type': 'multipart/form-data; boundary=x' },
      body,
    });

    expect([response.status, response.headers.get('callbook-problem')]).toEqual([400, 'malformed']);
  });

  test('of another site is refused', async () => {
    const reply = await world.browser.upload('/exchanges/imports', harOf(good), { 'sec-fetch-site': 'cross-site' });

    expect(reply.status).toBe(403);
  });
});

describe('whoever only looks', () => {
  test('imports nothing', async () => {
    const viewer = await join(world.app, 'viewer');
    expect((await viewer.get('/exchanges')).text).not.toContain('/exchanges/import');
    expect((await viewer.get('/exchanges/import')).status).toBe(403);
    expect((await viewer.upload('/exchanges/imports', harOf(good))).status).toBe(403);
    const reply = await world.viewer.ask('POST', IMPORTS, { body: harOf(harEntry()), headers: JSON_TYPE });
    expect([reply.status, reply.problem]).toEqual([403, 'not-allowed']);
  });
});

describe('a database that fails at the last row', () => {
  test('keeps none of the file, and takes it when it works again', async () => {
    const database = new Database(world.app.databaseFile);
    database.exec(`
      create trigger fails before insert on exchange when new.method = 'LAST'
      begin select raise(abort, 'planted'); end`);
    const reply = await importing(harOf(good, good, withRequest({ method: 'LAST' })));
    database.exec('drop trigger fails');
    database.close();

    expect(reply.status).toBe(500);
  });
});
