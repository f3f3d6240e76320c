import { statSync } from 'node:fs';
import { setTimeout as elapse } from 'node:timers/promises';
import Database from 'better-sqlite3';
import type { Child } from './child.ts';
import type { BenchedApp } from './contestants.ts';
import { cpuMs } from './cpu.ts';
import { fill } from './fill.ts';
import type { Load, LoadResult } from './load.ts';

/** What the history's first page costs on a small and on a large record. Times in milliseconds. */
export interface MeasuredPages {
  readonly pages: readonly MeasuredPage[];
  readonly bytesPerExchange: number;
}

interface MeasuredPage {
  readonly exchanges: number;
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
  readonly seconds: number;
  /** Exchanges of the large record. */
  readonly large: number;
}

const SMALL = 1_000;
const OLD = 100_000;
const DAY_MS = 86_400_000;
const PRUNED_BY_MS = 30 * 60_000;
const WINDOW_SECONDS = 5;
const QUIET_WINDOWS = 8;

/** The history's first page on a small record, and on the large one that is made for it. */
export async function measurePages({ app, load, seconds, large }: Parts): Promise<MeasuredPages> {
  await oneCall(app);
  const until = Date.now();
  const within = (exchanges: number) => ({ exchanges, from: until - 80 * DAY_MS, until: until - 1_000 });
  await fill(app.databaseFile, within(SMALL), () => {});
  const small = await page(SMALL);
  const before = statSync(app.databaseFile).size;
  await fill(app.databaseFile, within(large), (done) => {
    if (done % 100_000 === 0) console.error(`${done.toLocaleString('en')} exchanges are on record.`);
  });
  folded(app.databaseFile);
  const bytesPerExchange = Math.round((statSync(app.databaseFile).size - before) / large);
  return { pages: [small, await page(SMALL + large)], bytesPerExchange };

  async function page(exchanges: number): Promise<MeasuredPage> {
    const { origin, headers } = app;
    const what: Load = { origin, path: '/exchanges', method: 'GET', headers, body: null, width: 8, status: 200 };
    await load.ask<LoadResult>({ ...what, seconds: 2 });
    const start = cpuMs(app.pid);
    const { requests, p50, p99 } = await load.ask<LoadResult>({ ...what, seconds, keepsPool: true });
    return { exchanges, cpuMicros: ((cpuMs(app.pid) - start) * 1000) / requests, p50, p99 };
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
export function pageLines({ pages, bytesPerExchange }: MeasuredPages): string[] {
  const [small, large] = pages;
  const ratio = small && large ? (large.cpuMicros / small.cpuMicros).toFixed(2) : '?';
  return [
    ...pages.map(
      ({ exchanges, cpuMicros, p50, p99 }) =>
        `W4: history page of 50 at ${exchanges.toLocaleString('en')} exchanges: ${Math.round(cpuMicros)} us of CPU, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
    ),
    `W4: ${ratio} x the cost of the small record; ${bytesPerExchange} bytes of database per exchange`,
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
