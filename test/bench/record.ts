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
  readonly quiet: LoadResult;
  readonly meanwhile: LoadResult;
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
export async function measurePruning({ app, load, seconds }: Parts): Promise<MeasuredPruning> {
  const { origin, headers } = app;
  const path = '/_token_refresh?connection=partner';
  const what: Load = { origin, path, method: 'GET', headers, body: null, width: 32, status: 200 };
  const quiet = await load.ask<LoadResult>({ ...what, seconds });
  const kept = exchangesIn(app.databaseFile);
  const now = Date.now();
  await fill(app.databaseFile, { exchanges: OLD, from: now - 200 * DAY_MS, until: now - 100 * DAY_MS }, () => {});
  const latest = performance.now() + PRUNED_BY_MS;
  while (exchangesIn(app.databaseFile) >= kept + OLD) await elapse(100);
  const start = performance.now();
  const rounds: LoadResult[] = [];
  while (exchangesIn(app.databaseFile) > kept && performance.now() < latest)
    rounds.push(await load.ask<LoadResult>({ ...what, seconds: 5, keepsPool: true }));
  const worst = rounds.toSorted((one, other) => other.p99 - one.p99)[0];
  if (!worst) throw new Error('The old exchanges were gone before anything was measured.');
  return { exchanges: OLD, seconds: (performance.now() - start) / 1000, quiet, meanwhile: worst };
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
  const rate = ({ requests, elapsedMs }: LoadResult) => Math.round((requests * 1000) / elapsedMs);
  return `Retention: ${exchanges.toLocaleString('en')} old exchanges gone in ${seconds.toFixed(0)} s under W1; its p99 ${quiet.p99.toFixed(1)} ms before, ${meanwhile.p99.toFixed(1)} ms in the worst 5 s meanwhile; ${rate(quiet)} and ${rate(meanwhile)} requests/s`;
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
