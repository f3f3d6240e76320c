import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import BetterSqlite from 'better-sqlite3';
import { z } from 'zod';
import { Finder } from '../../../../src/db/sqlite/search/finder.ts';
import { SearchThread } from '../../../../src/db/sqlite/search/search-thread.ts';
import { TooMany } from '../../../../src/kernel/errors.ts';
import type { SearchWish } from '../../../../src/kernel/search.ts';
import { openTestDatabase, type TestDatabase } from '../../../support/database.ts';

const LIMITS = { findMs: 60_000, hitsMs: 60_000 };
const AMONG = { sql: `select id from exchange where id in (select value from json_each(?))`, parameters: [] };
const AT = 1_790_000_000_000;

let opened: TestDatabase;
let database: BetterSqlite.Database;
beforeAll(async () => {
  opened = await openTestDatabase();
  database = new BetterSqlite(opened.path);
});
afterAll(async () => {
  database.close();
  await opened[Symbol.asyncDispose]();
});

/** An exchange of that id and time whose URL is the text. */
function add(id: string, startedAt: number, text: string): void {
  database
    .prepare(
      `insert into exchange (id, workspace_id, kind, connection_id, connection_slug, connection_name, generation, method, url,
         request_headers, outcome, hops, attempts, instance_id, started_at)
       values (?, 'w', 'call', 'c', 's', 'n', 0, 'GET', ?, '[]', 'answered', '[]', 1, 'i', ?)`,
    )
    .run(id, text, startedAt);
  database
    .prepare(
      `insert into search_text (rowid, method, url, request_headers, request_body, response_headers, response_body)
       select number, 'GET', ?, '', '', '', '' from search_entry where exchange_id = ?`,
    )
    .run(text, id);
}

function find(text: string, wish: Partial<SearchWish> = {}, limits = LIMITS) {
  const finder = new Finder(database, limits);
  return finder.find({ text, among: AMONG, from: null, direction: 'older', limit: 100, withHits: false, ...wish });
}
const ids = (...given: Parameters<typeof find>) => find(...given).found.map(({ id }) => id);

describe('the order of what is found', () => {
  beforeAll(() => {
    add('late', AT + 5_000, 'sorted');
    add('early', AT, 'sorted');
    add('middle', AT + 2_000, 'sorted');
    add('ancient', -5, 'sorted');
    add('far', 8.64e15, 'sorted');
  });

  test('is that of the history, whenever it came on record', () => {
    expect(ids('sorted')).toEqual(['far', 'late', 'middle', 'early', 'ancient']);
    expect(ids('sorted', { direction: 'newer' })).toEqual(['ancient', 'early', 'middle', 'late', 'far']);
  });

  test('goes on from an exchange, either way, also where that was deleted since', () => {
    const from = { id: 'middle', startedAt: new Date(AT + 2_000) };
    expect(ids('sorted', { from })).toEqual(['early', 'ancient']);
    expect(ids('sorted', { from, direction: 'newer' })).toEqual(['late', 'far']);
    const gone = { ...from, id: 'gone' };
    expect(ids('sorted', { from: gone })).toEqual(['middle', 'early', 'ancient']);
    expect(ids('sorted', { from: gone, direction: 'newer' })).toEqual(['middle', 'late', 'far']);
  });
});

test('three thousand exchanges of one millisecond are all numbered and found', () => {
  database.transaction(() => {
    for (let number = 0; number < 3_000; number += 1) add(`same-${number}`, AT + 9_000, 'together');
    add('after', AT + 9_001, 'together');
  })();
  const seen: string[] = [];
  for (let from: SearchWish['from'] = null; ;) {
    const { found, reached } = find('together', { from, limit: 700 });
    seen.push(...found.map(({ id }) => id));
    if (!reached) break;
    from = reached;
  }
  expect(new Set(seen).size).toBe(3_001);
  expect(seen).toHaveLength(3_001);
});

test('a search whose time is up says how far it got, and goes on from there', () => {
  const none = {
    ...AMONG,
    sql: `select id from exchange where id = 'same-0' and id in (select value from json_each(?))`,
  };
  const hurried = { findMs: 0, hitsMs: 0 };
  const first = find('together', { among: none }, hurried);
  expect(first.found).toEqual([]);
  expect(Math.abs(first.reached!.startedAt.getTime() - (AT + 9_000))).toBeLessThan(1_000);
  // What stands there was not allowed: nobody is told which exchange it is, and a cursor can hold what is told.
  expect(first.reached!.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]00-0{12}$/);
  expect(z.uuid().safeParse(first.reached!.id).success).toBe(true);

  let { found, reached } = first;
  for (let turns = 0; reached && turns < 50; turns += 1)
    ({ found, reached } = find('together', { among: none, from: reached }, hurried));
  expect(found.map(({ id }) => id)).toEqual(['same-0']);
});

test('a place that no index holds is beyond everything, or as if it were deleted', () => {
  const at = (id: string) => ids('sorted', { from: { id, startedAt: new Date(AT) } });
  expect(at('7fffffff-ffff-8fff-8f00-000000000000')).toHaveLength(5);
  expect(at('ffffffff-ffff-8fff-8f00-000000000000')).toEqual(['early', 'ancient']);
});

describe('a thread of searches', () => {
  const wish: SearchWish = { text: 'sorted', among: AMONG, from: null, direction: 'older', limit: 5, withHits: true };

  test('answers with what is found and where it stands', async () => {
    const thread = new SearchThread({ path: opened.path });
    const { found } = await thread.find(wish);
    expect(found[1]).toEqual({ id: 'late', hit: { column: 'url', before: '', match: 'sorted', after: '' } });
    await thread.close();
  });

  test('has a line that is not endless, and goes on after a fault', async () => {
    const thread = new SearchThread({ path: opened.path, line: 1 });
    const [first, second, third] = await Promise.allSettled([thread.find(wish), thread.find(wish), thread.find(wish)]);
    expect([first.status, second.status]).toEqual(['fulfilled', 'fulfilled']);
    expect(third).toMatchObject({ reason: expect.any(TooMany) });

    const faulty = { ...wish, among: { sql: 'select 1 from nowhere where ?', parameters: [] } };
    await expect(thread.find(faulty)).rejects.toThrow('nowhere');
    expect((await thread.find(wish)).found).toHaveLength(5);

    await thread.close();
  });
});
