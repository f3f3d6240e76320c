import { setTimeout as elapse } from 'node:timers/promises';
import type { Child } from './child.ts';
import type { Contestant } from './contestants.ts';
import { cpuMs } from './cpu.ts';
import type { Load, LoadResult } from './load.ts';

/** Due after four seconds: the warm-up has to be over by then. */
const STORM_TOKEN_SECONDS = 8;
const WARM_UP_SECONDS = 2;

/** One measured round of one workload for one contestant. Milliseconds unless a name says otherwise. */
export interface Round {
  readonly cpuMicrosPerRequest: number;
  readonly requestsPerSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly failures: number;
  readonly tokenCalls?: number;
}

interface Parts {
  readonly contestant: Contestant;
  readonly load: Child;
  readonly neighbours: Child;
  readonly seconds: number;
  /** Counts the rounds of a workload, from 0. */
  readonly round: number;
}

/** Measures one round. */
export type Workload = (parts: Parts) => Promise<Round>;

/** The workloads of docs/performance.md that run against app and limit alike. */
export const WORKLOADS: Readonly<Record<string, { readonly what: string; readonly run: Workload }>> = {
  W1: {
    what: 'GET /_token_refresh, fresh, by cookie, 32 wide',
    run: (parts) => steady(parts, telling(parts.contestant, 'partner', 32)),
  },
  W1K: {
    what: 'the same by API key',
    run: (parts) =>
      steady(parts, { ...telling(parts.contestant, 'partner', 32), headers: parts.contestant.keyHeaders }),
  },
  W2: { what: 'send and record, JSON API, 32 wide', run: (parts) => steady(parts, sending(parts.contestant, 'json')) },
  W2F: { what: "the same by the composer's form", run: (parts) => steady(parts, sending(parts.contestant, 'form')) },
  W3: { what: 'the same by the proxy', run: (parts) => steady(parts, relaying(parts.contestant)) },
  W6: { what: '1,000 at once at expiry, provider 50 ms', run: storm },
};

function telling({ origin, headers }: Contestant, connection: string, width: number): Load {
  return {
    origin,
    path: `/_token_refresh?connection=${connection}`,
    method: 'GET',
    headers,
    body: null,
    width,
    status: 200,
  };
}

function sending({ origin, sending: calls }: Contestant, by: keyof Contestant['sending']): Load {
  return { origin, ...calls[by], width: 32 };
}

function relaying({ origin, keyHeaders }: Contestant): Load {
  return {
    origin,
    path: '/proxy/partner/orders',
    method: 'POST',
    headers: { ...keyHeaders, 'content-type': 'application/json' },
    body: '{"item":"ink"}',
    width: 32,
    status: 201,
  };
}

async function steady({ contestant, load, seconds }: Parts, what: Load): Promise<Round> {
  await load.ask<LoadResult>({ ...what, seconds: WARM_UP_SECONDS });
  return measured(contestant, () => load.ask<LoadResult>({ ...what, seconds, keepsPool: true }));
}

/** Warms up while the token is fresh, waits until it has expired, and asks a thousand times at once. Each round has a connection of its own. */
async function storm({ contestant, load, neighbours, round }: Parts): Promise<Round> {
  const thousand = { ...telling(contestant, `storm-${round}`, 1000), requests: 1000 };
  const { origin, path, headers } = thousand;
  await neighbours.ask({ ask: 'set', tokenSeconds: STORM_TOKEN_SECONDS, delayMs: 0 });
  const first = (await (await fetch(origin + path, { headers })).json()) as { expiresAt: string };
  await neighbours.ask({ ask: 'set', tokenSeconds: 3600, delayMs: 50 });
  await load.ask<LoadResult>(thousand);
  await elapse(Math.max(0, Date.parse(first.expiresAt) + 20 - Date.now()));
  const before = await neighbours.ask<{ total: number }>({ ask: 'tokenCalls' });
  const found = await measured(contestant, () => load.ask<LoadResult>({ ...thousand, keepsPool: true }));
  const after = await neighbours.ask<{ total: number }>({ ask: 'tokenCalls' });
  await neighbours.ask({ ask: 'set', tokenSeconds: 3600, delayMs: 0 });
  return { ...found, tokenCalls: after.total - before.total };
}

async function measured({ pid }: Contestant, run: () => Promise<LoadResult>): Promise<Round> {
  const before = cpuMs(pid);
  const { requests, failures, elapsedMs, p50, p99 } = await run();
  const cpuMicrosPerRequest = ((cpuMs(pid) - before) * 1000) / requests;
  return { cpuMicrosPerRequest, requestsPerSecond: (requests * 1000) / elapsedMs, p50, p99, failures };
}
