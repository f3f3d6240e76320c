import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import BetterSqlite from 'better-sqlite3';
import { withSession } from '../../../src/db/session.ts';
import type { SelectedPage, Selection } from '../../../src/services/exchanges/exchange-selection.ts';
import { totalOf } from '../../../src/services/exchanges/history-total.ts';
import { newId, OURS } from '../../db/rows.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';

/** One exchange a second, a few more than are ever counted. */
const EXCHANGES = 21_000;
const FIRST = Date.parse('2026-11-22T00:00:00.000Z');
const at = (number: number) => new Date(FIRST + number * 1_000);

let opened: TestDatabase;
beforeAll(async () => {
  opened = await openTestDatabase();
  const database = new BetterSqlite(opened.path);
  const add = database.prepare(
    `insert into exchange (id, workspace_id, kind, generation, method, url, request_headers, outcome, hops, attempts, instance_id, started_at)
     values (?, '${OURS}', 'call', 0, 'GET', 'https://api.example/', '[]', 'answered', '[]', 1, '${OURS}', ?)`,
  );
  database.transaction(() => {
    for (let number = 0; number < EXCHANGES; number += 1) add.run(newId(), at(number).getTime());
  })();
  database.close();
});
afterAll(async () => opened[Symbol.asyncDispose]());

/** A first page of so many exchanges, which goes on after the exchange of that number; null where it does not. */
function page(count: number, goesOnAfter: number | null): SelectedPage<{ startedAt: Date; id: string }> {
  const items = Array.from({ length: count }, () => ({ startedAt: at(0), id: newId() }));
  const older = goesOnAfter === null ? null : { startedAt: at(goesOnAfter), id: newId() };
  return { items, older, newer: null, search: null };
}

const total = (selection: Partial<Selection>, first: ReturnType<typeof page>) =>
  withSession(OURS, () => totalOf(OURS, { filter: {}, text: null, ...selection }, first));

const posts = { filter: { method: 'POST' } };

describe('how many exchanges a selection holds', () => {
  test('is known where its first page is all of it, or where it is everything', async () => {
    expect(await total(posts, page(7, null))).toEqual({ exchanges: 7, how: 'exactly' });
    expect(await total(posts, page(0, null))).toEqual({ exchanges: 0, how: 'exactly' });
    expect(await total({}, page(50, EXCHANGES - 50))).toEqual({ exchanges: EXCHANGES, how: 'exactly' });
    expect(await total({ filter: { method: undefined } }, page(50, EXCHANGES - 50))).toMatchObject({ how: 'exactly' });
  });

  test('is estimated by how dense the first page lies', async () => {
    expect(await total(posts, page(50, EXCHANGES - 500))).toEqual({ exchanges: 2_100, how: 'about' });
    expect(await total({ text: 'paper' }, page(50, EXCHANGES - 100))).toEqual({ exchanges: 11_000, how: 'about' });
  });

  test('between two dates goes by what is there between them', async () => {
    const filter = { method: 'POST', since: at(1_000), until: at(3_000) };
    expect(await total({ filter }, page(50, 2_900))).toEqual({ exchanges: 990, how: 'about' });
    expect(await total({ filter: { since: at(EXCHANGES - 200) } }, page(50, EXCHANGES - 50))).toEqual({
      exchanges: 200,
      how: 'about',
    });
    expect(await total({ filter: { until: at(200) } }, page(50, 150))).toMatchObject({ how: 'about' });
  });

  test.each([
    ['the page lies too far back', posts, page(50, 100)],
    ['too much lies between the dates', { filter: { method: 'POST', since: at(10) } }, page(50, EXCHANGES - 100)],
    ['nothing lies there any more', { filter: { until: at(-5) } }, page(50, EXCHANGES)],
    ['it would be no more than the page', { text: 'paper' }, page(50, EXCHANGES - 50_000)],
  ])('is at least what the page holds where %s', async (_why, selection, first) => {
    expect(await total(selection, first)).toEqual({ exchanges: 50, how: 'at-least' });
  });

  test('is not said where a search has found nothing yet', async () => {
    expect(await total({ text: 'paper' }, page(0, EXCHANGES - 100))).toBeNull();
    expect(await total({ text: 'paper' }, page(0, 100))).toBeNull();
  });
});
