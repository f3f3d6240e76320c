import { setTimeout as elapse } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import BetterSqlite from 'better-sqlite3';
import { Upkeep } from '../../../src/db/sqlite/upkeep.ts';
import { withSession } from '../../../src/db/session.ts';
import { ExchangeRemoval } from '../../../src/services/exchanges/exchange-removal.ts';
import { LooseBodies } from '../../../src/services/exchanges/loose-bodies.ts';
import { SearchIndexer } from '../../../src/services/exchanges/search-indexer.ts';
import { type Api, openApi } from '../../support/api.ts';
import { openApp, type TestApp } from '../../support/app.ts';
import { rowsOf } from '../../support/kept-exchanges.ts';

const PLAIN = { provider: { origin: 'http://127.0.0.1:9', clientId: '', clientSecret: '' }, authType: 'none' };

let api: Api;
let app: TestApp;
let upkeep: Upkeep;
beforeAll(async () => {
  api = await openApi();
  app = await openApp();
  upkeep = new Upkeep(app.databaseFile);
});
afterAll(async () => {
  await upkeep.close();
  await app[Symbol.asyncDispose]();
  await api[Symbol.asyncDispose]();
});

/** Words of a thousand exchanges, an eighth of which is deleted, a few at a time: that much is worth rewriting the rest. */
function fillIndex(): void {
  const database = new BetterSqlite(app.databaseFile);
  const add = database.prepare(
    `insert into search_text (rowid, method, url, request_headers, request_body, response_headers, response_body)
     values (?, 'GET', ?, '', '', '', '')`,
  );
  const textOf = (row: number) => Array.from({ length: 200 }, (_, at) => `w${(row * 200 + at).toString(36)}`).join(' ');
  database.transaction(() => {
    for (let row = 0; row < 1_000; row += 1) add.run(row, textOf(row));
  })();
  const remove = database.prepare(`delete from search_text where rowid % 8 = 0 and rowid between ? and ?`);
  for (let row = 0; row < 1_000; row += 50) remove.run(row, row + 49);
  database.close();
}

const indexPages = () => Number(rowsOf(app.databaseFile, 'select count(*) as n from search_text_data')[0]?.['n']);

/** An indexer whose steps each wait for a disk that takes its time, and how many there were. */
function slowIndexer(waitMs: number) {
  let steps = 0;
  const checkpoint = async () => {
    steps += 1;
    await elapse(waitMs);
  };
  const merge = (pages: number) => upkeep.mergeWords(pages);
  return { indexer: new SearchIndexer({ checkpoint, merge }), steps: () => steps };
}

test('an owner who deletes an exchange waits half a second for the index, and the rest of it is rewritten later', async () => {
  const owner = await app.owner();
  const slug = await owner.connect({ ...PLAIN, apiOrigin: api.origin });
  const id = await owner.call(slug, 'GET', '/orders');
  const { clock, running } = app;
  const { history, selector } = running.workings;
  fillIndex();
  const filled = indexPages();
  const slow = slowIndexer(200);
  const removal = new ExchangeRemoval({ clock, history, selector, indexer: slow.indexer, loose: new LooseBodies() });
  const [{ id: workspaceId } = {}] = rowsOf(app.databaseFile, 'select id from workspace');
  const actor = { workspaceId: String(workspaceId), role: 'owner', name: 'owner@example.org' } as const;

  await withSession(actor.workspaceId, () => removal.remove(actor, id));

  expect(rowsOf(app.databaseFile, 'select id from exchange')).toEqual([]);
  expect(slow.steps()).toBeGreaterThan(0);
  expect(slow.steps()).toBeLessThanOrEqual(3);
  await slowIndexer(0).indexer.compact();
  expect(indexPages()).toBeLessThan(filled);
});

test('bodies that were not taken away in time stay on the list for the next one', async () => {
  const owner = await app.owner();
  const slug = await owner.connect({ ...PLAIN, apiOrigin: api.origin });
  for (let at = 0; at < 30; at += 1) await owner.call(slug, 'POST', '/orders', { body: `order ${at}` });
  const rows = (sql: string) => Number(rowsOf(app.databaseFile, sql)[0]?.['n']);
  const database = new BetterSqlite(app.databaseFile);
  database.exec('delete from exchange');
  database.close();
  const [listed, loose] = [rows('select count(*) as n from loose_body'), new LooseBodies()];
  expect(listed).toBeGreaterThan(25);

  expect(await loose.sweep(0)).toBe(0);
  expect(rows('select count(*) as n from loose_body')).toBe(listed);
  expect(await loose.sweep()).toBe(listed);
  expect(rows('select (select count(*) from loose_body) + (select count(*) from body) as n')).toBe(0);
});
