import BetterSqlite from 'better-sqlite3';
import { expect, test } from '@jest/globals';
import { withSession } from '../../../src/db/session.ts';
import { SearchThread } from '../../../src/db/sqlite/search/search-thread.ts';
import { systemClock } from '../../../src/kernel/clock.ts';
import { idsBy } from '../../../src/kernel/ids.ts';
import type { SearchWish } from '../../../src/kernel/search.ts';
import { BodyStore } from '../../../src/services/exchanges/body-store.ts';
import { ExchangeSelector } from '../../../src/services/exchanges/exchange-selection.ts';
import { ExchangeExport } from '../../../src/services/exchanges/exports/exchange-export.ts';
import { HAR } from '../../../src/services/exchanges/exports/export-formats.ts';
import { SearchIndexer } from '../../../src/services/exchanges/search-indexer.ts';
import { openTestDatabase } from '../../support/database.ts';

const EXCHANGES = 3_000;
const AT = 1_790_000_000_000;

/** Exchanges that a search finds and the filter of pinned ones lets none of through. */
function fill(path: string): void {
  const database = new BetterSqlite(path);
  const add = database.prepare(
    `insert into exchange (id, workspace_id, kind, connection_id, connection_slug, connection_name, generation, method, url,
       request_headers, outcome, hops, attempts, instance_id, started_at)
     values (?, 'w', 'call', 'c', 's', 'n', 0, 'GET', '/parcels', '[]', 'answered', '[]', 1, 'i', ?)`,
  );
  const word = database.prepare(
    `insert into search_text (rowid, method, url, request_headers, request_body, response_headers, response_body)
     select number, 'GET', 'parcels', '', '', '', '' from search_entry`,
  );
  database.transaction(() => {
    for (let at = 0; at < EXCHANGES; at += 1) add.run(`id-${at}`, AT + at);
    word.run();
    database.exec('update search_entry set is_indexed = 1');
  })();
  database.close();
}

async function begun(left: AbortController, asked: (turn: number) => void): Promise<unknown> {
  await using opened = await openTestDatabase();
  fill(opened.path);
  // Each search is over after its first look.
  const thread = new SearchThread({ path: opened.path, limits: { findMs: 0, hitsMs: 0 } });
  let turns = 0;
  const search = {
    find(wish: SearchWish) {
      turns += 1;
      asked(turns);
      return thread.find(wish);
    },
    close: () => thread.close(),
  };
  const indexer = new SearchIndexer({ checkpoint: () => Promise.resolve(), merge: () => Promise.resolve(false) });
  const bodies = new BodyStore({ newId: idsBy(systemClock), clock: systemClock });
  const selector = new ExchangeSelector({ search, indexer });
  const exporting = new ExchangeExport({ bodies, selector, clock: systemClock, version: '0' });
  const selection = { text: 'parcels', filter: { pinned: true } };
  const file = await withSession('w', () => exporting.begin('w', selection, HAR, left.signal));
  await thread.close();
  return file;
}

test('an export that has found nothing yet ends with the search under way once its reader has left', async () => {
  const left = new AbortController();
  let turns = 0;
  const file = await begun(left, (turn) => {
    turns = turn;
    if (turn === 3) left.abort();
  });
  expect([file, turns]).toEqual([null, 3]);
});

test('one whose reader waits goes through everything there is', async () => {
  let turns = 0;
  const file = await begun(new AbortController(), (turn) => {
    turns = turn;
  });
  expect(file).toBeNull();
  expect(turns).toBeGreaterThan(5);
});
