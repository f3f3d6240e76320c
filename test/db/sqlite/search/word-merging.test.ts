import BetterSqlite, { type Database } from 'better-sqlite3';
import { expect, test } from '@jest/globals';
import { Upkeep } from '../../../../src/db/sqlite/upkeep.ts';
import { openTestDatabase } from '../../../support/database.ts';

/** As many as a commit of the index makes one of. */
const DOCUMENTS = 40;
const PAGES = 200;

interface Stage extends AsyncDisposable {
  /** What the server's own connection would write with. */
  readonly writer: Database;
  readonly upkeep: Upkeep;
  /** Parts of the index that a search has to look through. */
  segments(): number;
  /** Commits one document each. */
  add(from: number, until: number): void;
}

async function openStage(): Promise<Stage> {
  const opened = await openTestDatabase();
  const writer = new BetterSqlite(opened.path);
  const upkeep = new Upkeep(opened.path);
  const add = writer.prepare(`insert into search_text (rowid, method, response_body) values (?, 'GET', ?)`);
  return {
    writer,
    upkeep,
    segments: () => Number(writer.prepare('select count(distinct segid) from search_text_idx').pluck().get()),
    add(from, until) {
      for (let at = from; at < until; at += 1) add.run(at, `parcel ${at} of secretive-${at}`);
    },
    async [Symbol.asyncDispose]() {
      writer.close();
      await upkeep.close();
      await opened[Symbol.asyncDispose]();
    },
  };
}

async function mergeAll({ upkeep }: Stage): Promise<number> {
  let steps = 1;
  while (await upkeep.mergeWords(PAGES)) steps += 1;
  return steps;
}

test('no commit merges anything: that is left to the thread, which does so to the end', async () => {
  await using stage = await openStage();
  stage.add(0, DOCUMENTS);
  expect(stage.segments()).toBe(DOCUMENTS);

  expect(await mergeAll(stage)).toBeGreaterThan(1);
  expect(stage.segments()).toBeLessThan(5);
  const found = stage.writer.prepare(`select rowid from search_text where search_text match ?`).pluck();
  expect(found.all('parcel')).toHaveLength(DOCUMENTS);
  expect(found.all('"secretive-17"')).toEqual([17]);
  stage.writer.prepare(`insert into search_text (search_text, rank) values ('integrity-check', 0)`).run();
});

test('where nobody has written since, nothing is done and no lock is asked for', async () => {
  await using stage = await openStage();
  stage.add(0, DOCUMENTS);
  await mergeAll(stage);
  stage.writer.exec('begin immediate');
  expect(await stage.upkeep.mergeWords(PAGES)).toBe(false);
  stage.writer.exec('commit');
  stage.add(DOCUMENTS, 2 * DOCUMENTS);
  expect(await stage.upkeep.mergeWords(PAGES)).toBe(true);
});

test('while others have the lock there is something left, and nothing is lost', async () => {
  await using stage = await openStage();
  stage.add(0, DOCUMENTS);
  stage.writer.exec('begin immediate');
  expect(await stage.upkeep.mergeWords(PAGES)).toBe(true);
  expect(stage.segments()).toBe(DOCUMENTS);
  stage.writer.exec('commit');
  await mergeAll(stage);
  expect(stage.segments()).toBeLessThan(5);
});

test('words of deleted documents are gone from the index where they were many, and deleting them merged nothing', async () => {
  await using stage = await openStage();
  const words = () =>
    stage.writer
      .prepare(`select block from search_text_data`)
      .pluck()
      .all()
      .filter((block) => (block as Buffer).includes('secretive')).length;
  stage.add(0, DOCUMENTS);
  await mergeAll(stage);
  const segments = stage.segments();
  stage.writer.prepare('delete from search_text where rowid < ?').run(DOCUMENTS);
  expect(stage.segments()).toBe(segments);
  expect(words()).toBeGreaterThan(0);

  await mergeAll(stage);
  expect(words()).toBe(0);
});
