import { statSync } from 'node:fs';
import { setTimeout as elapse } from 'node:timers/promises';
import Database from 'better-sqlite3';
import type { Child } from './child.ts';
import type { BenchedApp } from './contestants.ts';
import { cpuMs } from './cpu.ts';
import { fill } from './fill.ts';
import type { Load, LoadResult } from './load.ts';
import { shown, spreadOf } from './table.ts';

/** What the history's first page costs on a small and on a large record, in the order they were measured. */
export interface MeasuredPages {
  readonly small: readonly Page[];
  readonly large: readonly Page[];
  readonly largeExchanges: number;
  readonly bytesPerExchange: number;
}

/** One round of it; times in milliseconds but for the CPU's. */
interface Page {
  readonly cpuMicros: number;
  readonly p50: number;
  readonly p99: number;
}

/** What retention costs those who ask for tokens meanwhile. */
export interface MeasuredPruning {
  readonly exchanges: number;
  readonly seconds: number;
  readonly quiet: Windows;
  readonly meanwhile: Windows;
}

/** Windows of some seconds each, one after another. */
interface Windows {
  readonly count: number;
  /** The p99 of the one in the middle, and of the worst one. */
  readonly middle: number;
  readonly worst: number;
  readonly perSecond: number;
}

interface Parts {
  readonly app: BenchedApp;
  readonly load: Child;
}

interface PagesParts extends Parts {
  /** Starts another one for the small record: both are measured by turns, as no machine is the same all the time. */
  readonly startSmall: () => Promise<BenchedApp>;
  readonly seconds: number;
  readonly rounds: number;
  /** Of the large record. */
  readonly exchanges: number;
}

const SMALL = 1_000;
const OLD = 100_000;
const DAY_MS = 86_400_000;
const PRUNED_BY_MS = 30 * 60_000;
const WINDOW_SECONDS = 5;
const QUIET_WINDOWS = 8;

/** The history's first page on a small record and on a large one, which are made for it, by turns. */
export async function measurePages({
  app,
  startSmall,
  load,
  seconds,
  exchanges,
  rounds,
}: PagesParts): Promise<MeasuredPages> {
  await oneCall(app);
  await using smallApp = await startSmall();
  await oneCall(smallApp);
  const until = Date.now();
  const within = (count: number) => ({ exchanges: count, from: until - 80 * DAY_MS, until: until - 1_000 });
  await fill(smallApp.databaseFile, within(SMALL), () => {});
  const before = statSync(app.databaseFile).size;
  await fill(app.databaseFile, within(exchanges), (done) => {
    if (done % 100_000 === 0) console.error(`${done.toLocaleString('en')} exchanges are on record.`);
  });
  folded(app.databaseFile);
  const bytesPerExchange = Math.round((statSync(app.databaseFile).size - before) / exchanges);
  const small: Page[] = [];
  const large: Page[] = [];
  for (const at of [smallApp, app]) await page(at, 2);
  for (let round = 0; round < rounds; round += 1) {
    small.push(await page(smallApp, seconds));
    large.push(await page(app, seconds));
  }
  return { small, large, largeExchanges: exchanges, bytesPerExchange };

  async function page({ origin, headers, pid }: BenchedApp, lasting: number): Promise<Page> {
    const what: Load = { origin, path: '/exchanges', method: 'GET', headers, body: null, width: 8, status: 200 };
    const start = cpuMs(pid);
    const { requests, p50, p99 } = await load.ask<LoadResult>({ ...what, seconds: lasting });
    return { cpuMicros: ((cpuMs(pid) - start) * 1000) / requests, p50, p99 };
  }
}

/** Exchanges that are too old come in at once; W1 goes on until the last of them is gone. */
export async function measurePruning({ app, load }: Parts): Promise<MeasuredPruning> {
  const { origin, headers } = app;
  const path = '/_token_refresh?connection=partner';
  const what: Load = { origin, path, method: 'GET', headers, body: null, width: 32, status: 200 };
  const window = () => load.ask<LoadResult>({ ...what, seconds: WINDOW_SECONDS, keepsPool: true });
  await load.ask<LoadResult>({ ...what, seconds: WINDOW_SECONDS });
  const before: LoadResult[] = [];
  while (before.length < QUIET_WINDOWS) before.push(await window());
  const kept = exchangesIn(app.databaseFile);
  const now = Date.now();
  await fill(app.databaseFile, { exchanges: OLD, from: now - 200 * DAY_MS, until: now - 100 * DAY_MS }, () => {});
  const latest = performance.now() + PRUNED_BY_MS;
  while (exchangesIn(app.databaseFile) >= kept + OLD) await elapse(100);
  const start = performance.now();
  const meanwhile: LoadResult[] = [];
  while (exchangesIn(app.databaseFile) > kept && performance.now() < latest) meanwhile.push(await window());
  const seconds = (performance.now() - start) / 1000;
  return { exchanges: OLD, seconds, quiet: windowsOf(before), meanwhile: windowsOf(meanwhile) };
}

function windowsOf(results: readonly LoadResult[]): Windows {
  const sorted = results.map(({ p99 }) => p99).toSorted((one, other) => one - other);
  const total = (pick: (result: LoadResult) => number) => results.reduce((sum, result) => sum + pick(result), 0);
  const [middle, worst] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  if (middle === undefined || worst === undefined)
    throw new Error('The old exchanges were gone before anything was measured.');
  const perSecond = (total(({ requests }) => requests) * 1000) / total(({ elapsedMs }) => elapsedMs);
  return { count: results.length, middle, worst, perSecond };
}

/** The lines that are printed. */
export function pageLines({ small, large, largeExchanges, bytesPerExchange }: MeasuredPages): string[] {
  const of = (pages: readonly Page[], pick: (page: Page) => number, digits: number) =>
    shown(spreadOf(pages.map(pick)), digits);
  const line = (exchanges: number, pages: readonly Page[]) =>
    `W4: history page of 50 at ${exchanges.toLocaleString('en')} exchanges: ${of(pages, (it) => it.cpuMicros, 0)} us of CPU, p50 ${of(pages, (it) => it.p50, 1)} ms, p99 ${of(pages, (it) => it.p99, 1)} ms`;
  const ratios = large.map((page, at) => page.cpuMicros / (small[at]?.cpuMicros ?? NaN));
  return [
    line(SMALL, small),
    line(largeExchanges, large),
    `W4: ${shown(spreadOf(ratios), 2)} x the cost of the small record; ${bytesPerExchange} bytes of database per exchange`,
  ];
}

/** The line that is printed. */
export function pruningLine({ exchanges, seconds, quiet, meanwhile }: MeasuredPruning): string {
  const told = ({ count, middle, worst, perSecond }: Windows) =>
    `${count} windows of ${WINDOW_SECONDS} s, p99 ${middle.toFixed(1)} ms in the middle one, ${worst.toFixed(1)} ms in the worst, ${Math.round(perSecond)} requests/s`;
  return `Retention: ${exchanges.toLocaleString('en')} old exchanges gone in ${seconds.toFixed(0)} s under W1; before: ${told(quiet)}; meanwhile: ${told(meanwhile)}`;
}

async function oneCall({ origin, sending }: BenchedApp): Promise<void> {
  const { path, method, headers, body, status } = sending.json;
  const reply = await fetch(origin + path, { method, headers, body });
  const text = await reply.text();
  if (reply.status !== status) throw new Error(`The call answered ${reply.status}: ${text}`);
}

function exchangesIn(databaseFile: string): number {
  return reading(databaseFile, (database) =>
    Number(database.prepare('select total(exchanges) from record_size').pluck().get()),
  );
}

function folded(databaseFile: string): void {
  const database = new Database(databaseFile, { timeout: 30_000 });
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.close();
}

function reading<T>(databaseFile: string, read: (database: Database.Database) => T): T {
  const database = new Database(databaseFile, { readonly: true });
  try {
    return read(database);
  } finally {
    database.close();
  }
}
