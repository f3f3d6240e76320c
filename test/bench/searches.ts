import { readFileSync, rmSync } from 'node:fs';
import { setTimeout as elapse } from 'node:timers/promises';
import type { Child } from './child.ts';
import type { BenchedApp } from './contestants.ts';
import type { Load, LoadResult } from './load.ts';
import { madeUp } from './made-up.ts';

/** What searching a large record costs. Times in milliseconds. */
export interface MeasuredSearches {
  readonly alone: Searches;
  readonly besides: Searches;
  readonly quiet: LoadResult;
  readonly meanwhile: LoadResult;
}

interface Searches {
  readonly searches: number;
  readonly found: number;
  readonly p50: number;
  readonly p99: number;
  readonly slowest: { readonly ms: number; readonly query: string };
  /** Longest that the app's event loop was held. */
  readonly longestHold: number;
}

interface Parts {
  readonly app: BenchedApp;
  readonly load: Child;
  readonly seconds: number;
  readonly holdFile: string;
  /** Of the record. */
  readonly exchanges: number;
}

/** First pages of searches, one after another: alone, and while 32 tabs ask for their tokens. */
export async function measureSearches(parts: Parts): Promise<MeasuredSearches> {
  const { app, load, seconds } = parts;
  const queries = Array.from({ length: 200 }, (_, at) => queryOf(at, parts.exchanges));
  for (const query of queries.slice(0, 20)) await search(app, query);
  const what: Load = {
    origin: app.origin,
    path: '/_token_refresh?connection=partner',
    method: 'GET',
    headers: app.headers,
    body: null,
    width: 32,
    status: 200,
  };
  const alone = await all(parts, queries);
  const quiet = await load.ask<LoadResult>({ ...what, seconds });
  const asked = load.ask<LoadResult>({ ...what, seconds: 3 * seconds, keepsPool: true });
  const besides = await all(parts, queries);
  return { alone, besides, quiet, meanwhile: await asked };
}

/** The lines that are printed. */
export function searchLines({ alone, besides, quiet, meanwhile }: MeasuredSearches): string[] {
  const line = (when: string, { searches, found, p50, p99, slowest, longestHold }: Searches) =>
    `W5: ${searches} searches ${when}, ${found} of them found something: p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms, slowest ${slowest.ms.toFixed(0)} ms (${slowest.query}); longest hold of the event loop ${longestHold.toFixed(0)} ms`;
  return [
    line('alone', alone),
    line('beside W1', besides),
    `W5: W1's p99 ${quiet.p99.toFixed(0)} ms before, ${meanwhile.p99.toFixed(0)} ms meanwhile; ${rate(quiet)} and ${rate(meanwhile)} requests/s`,
  ];
}

function rate({ requests, elapsedMs }: LoadResult): number {
  return Math.round((requests * 1000) / elapsedMs);
}

/** What people look for: a word, a reference, a few words, a beginning, with and without filters. */
function queryOf(at: number, exchanges: number): URLSearchParams {
  const { method, path, requestBody, responseBody } = madeUp((at * 7919) % exchanges);
  const text = requestBody ?? responseBody ?? path;
  const [word = 'orders', other = 'item'] = [...text.matchAll(/"(?:item|note)":"(\w+)/g)].map(([, found]) => found);
  const reference = /R-\d+/.exec(text)?.[0] ?? path;
  const kinds: Record<string, string>[] = [
    { q: word },
    { q: reference },
    { q: path },
    { q: `${word} ${other}` },
    { q: `${word.slice(0, 4)}*` },
    { q: `orders ${word}`, method },
    { q: 'customers', status: '5xx' },
    { q: `"${reference}" OR ${word}`, minMs: '500' },
    { q: `url:invoices ${word}` },
    { q: `${word} nowhereatall` },
  ];
  return new URLSearchParams(kinds[at % kinds.length]);
}

async function all({ app, holdFile }: Parts, queries: readonly URLSearchParams[]): Promise<Searches> {
  await longestHold(app, holdFile);
  const times: { ms: number; query: string }[] = [];
  let found = 0;
  for (const query of queries) {
    const start = performance.now();
    if (await search(app, query)) found += 1;
    times.push({ ms: performance.now() - start, query: query.toString() });
  }
  times.sort((one, two) => one.ms - two.ms);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))]!;
  return {
    searches: times.length,
    found,
    p50: at(0.5).ms,
    p99: at(0.99).ms,
    slowest: times.at(-1)!,
    longestHold: await longestHold(app, holdFile),
  };
}

/** True where the page holds an exchange. */
async function search({ origin, headers }: BenchedApp, query: URLSearchParams): Promise<boolean> {
  const reply = await fetch(`${origin}/exchanges?${query}`, { headers });
  const text = await reply.text();
  if (!reply.ok) throw new Error(`The search for ${query} answered ${reply.status}.`);
  return text.includes('class="when"');
}

/** In milliseconds, since this was asked for the last time. */
async function longestHold({ pid }: BenchedApp, file: string): Promise<number> {
  rmSync(file, { force: true });
  process.kill(pid, 'SIGUSR2');
  for (;;) {
    try {
      return (JSON.parse(readFileSync(file, 'utf8')) as { max: number }).max;
    } catch {
      await elapse(5);
    }
  }
}
