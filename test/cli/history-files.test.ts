import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { FILTER_OPTIONS } from '../../src/cli/history-files.ts';
import { historyFilter } from '../../src/web/forms/history-query.ts';
import { type HarEntry, harEntries } from '../support/har.ts';
import { CHROME_HAR, harEntry, harOf } from '../support/hars.ts';
import { rowsOf } from '../support/kept-exchanges.ts';
import { callbook, openFolder } from './callbook.ts';
import { run } from './world.ts';

/** A folder with a database, its owner, and Chrome's file on record. */
async function openPlace() {
  const place = await openFolder();
  const made = await callbook(['users', 'create', 'a@example.org', '--role', 'owner', '--password-stdin'], {
    ...place,
    stdin: 'correct horse battery staple',
  });
  expect(made.code).toBe(0);
  await writeFile(join(place.folder, 'chrome.har'), CHROME_HAR);
  return place;
}

const count = (folder: string) => rowsOf(join(folder, 'callbook.db'), 'select count(*) as n from exchange')[0]?.['n'];

/** What entries say, without who brought them in and when. */
const said = (entries: readonly HarEntry[]) => entries.map((entry) => ({ ...entry, _callbook: null }));

describe('callbook import and export', () => {
  test('bring a file in and out, by name and by pipe', async () => {
    await using place = await openPlace();
    const first = await callbook(['import', 'chrome.har'], place);
    const second = await callbook(['import', '-', '--json'], { ...place, stdin: harOf(harEntry()) });
    const out = await callbook(['export'], place);
    const file = await callbook(['export', 'all.har'], place);
    const there = join(place.folder, 'all.har');
    const again = await callbook(['import', 'all.har', '--json'], place);

    expect(first).toMatchObject({ code: 0, out: '4 exchanges came in.\n', err: '' });
    expect([second.code, JSON.parse(second.out)]).toMatchObject([0, { count: 1, ids: [expect.any(String)] }]);
    expect([out.code, out.err]).toEqual([0, '5 exchanges are written.\n']);
    expect(harEntries(out.out)).toHaveLength(5);
    expect([file.code, file.out, await readFile(there, 'utf8')]).toEqual([0, '', out.out]);
    expect((await stat(there)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(again.out)).toMatchObject({ count: 5 });
    expect(count(place.folder)).toBe(10);
    const rows = rowsOf(
      join(place.folder, 'callbook.db'),
      'select distinct kind, sent_by, connection_id from exchange',
    );
    expect(rows).toEqual([{ kind: 'imported', sent_by: 'command line', connection_id: null }]);
    const twice = said(harEntries((await callbook(['export'], place)).out)).map((entry) => JSON.stringify(entry));
    expect(twice.toSorted()).toEqual(
      said(harEntries(out.out))
        .flatMap((one) => [JSON.stringify(one), JSON.stringify(one)])
        .toSorted(),
    );
  }, 60_000);

  test('take every filter that the history has, and every format', async () => {
    await using place = await openPlace();
    await callbook(['import', 'chrome.har'], place);
    const exported = async (...args: string[]) => {
      const { code, out, err } = await callbook(['export', ...args], place);
      return code === 0 ? out.trimEnd().split('\n').length : err;
    };

    const known = FILTER_OPTIONS.map(([name]) => name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase()));
    expect(known.toSorted()).toEqual(Object.keys(historyFilter.shape).toSorted());
    const jsonl = ['--format', 'jsonl'];
    expect(await exported(...jsonl)).toBe(4);
    expect(await exported(...jsonl, '--method', 'post')).toBe(1);
    expect(await exported(...jsonl, '--status', '2xx', '--min-bytes', '5')).toBe(1);
    expect(await exported(...jsonl, '--outcome', 'failed', '--kind', 'imported', '--sent-by', 'command line')).toBe(1);
    expect(await exported(...jsonl, '--since', '2026-11-20T15:04:06Z', '--until', '2026-11-20T15:04:08Z')).toBe(2);
    expect(await exported(...jsonl, '--pinned', 'false', '--generation', '0', '--min-ms', '40')).toBe(1);
    expect(await exported(...jsonl, '--q', '9007199254740993')).toBe(1);
    expect(await exported('--format', 'csv')).toBe(5);
    expect(await exported('--connection', 'none')).toBe(
      'No exchange matches, so there is nothing to export. Nothing was written.\n',
    );
    expect(await exported('--min-ms', 'long')).toMatch(/^--min-ms: /);
    expect(await exported('--since', 'yesterday')).toMatch(/^--since: Write a date/);
    expect(await exported('--format', 'xml')).toBe('--format: write har, jsonl or csv.\n');
  }, 60_000);

  test('leave everything as it was where something is wrong, and say what', async () => {
    await using place = await openPlace();
    const wrong = harEntry({ startedDateTime: 'noon' });
    await writeFile(join(place.folder, 'wrong.har'), harOf(harEntry(), wrong));
    await writeFile(join(place.folder, 'large.har'), Buffer.alloc(65 * 2 ** 20, 0x20));
    await writeFile(join(place.folder, 'mine.har'), 'mine');
    await callbook(['import', 'chrome.har'], place);

    expect(await callbook(['import', 'wrong.har'], place)).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('Entry 2: startedDateTime is no time'),
    });
    expect(await callbook(['import', 'large.har'], place)).toMatchObject({
      code: 2,
      err: 'A HAR of at most 64 MiB can be imported.\n',
    });
    expect(await callbook(['import', 'no.har'], place)).toMatchObject({
      code: 2,
      err: 'The file no.har cannot be read (ENOENT).\n',
    });
    expect(await callbook(['export', 'mine.har'], place)).toMatchObject({
      code: 2,
      err: expect.stringContaining('is there already'),
    });
    expect(await callbook(['export', 'no/such/folder.har'], place)).toMatchObject({
      code: 2,
      err: expect.stringContaining('No file can be made'),
    });
    expect(await callbook(['export', 'none.har', '--method', 'TRACE'], place)).toMatchObject({ code: 1 });
    expect(await callbook(['import', 'chrome.har', '--workspace', 'none'], place)).toMatchObject({ code: 2 });
    expect(count(place.folder)).toBe(4);
    expect(await readFile(join(place.folder, 'mine.har'), 'utf8')).toBe('mine');
    expect((await readdir(place.folder)).filter((name) => /none|part/.test(name))).toEqual([]);
  }, 60_000);

  test('leave no half of a file where a body is gone', async () => {
    await using place = await openPlace();
    await callbook(['import', 'chrome.har'], place);
    const database = new Database(join(place.folder, 'callbook.db'));
    database.exec('delete from body_chunk');
    database.close();

    expect((await callbook(['export', 'half.har'], place)).code).not.toBe(0);
    expect((await readdir(place.folder)).filter((name) => name.startsWith('half'))).toEqual([]);
  }, 60_000);

  test('say what they take', async () => {
    const { out } = await run(['export', '--help']);
    for (const [name] of FILTER_OPTIONS) expect(out).toContain(`--${name} <`);
  });
});
