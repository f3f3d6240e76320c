import { setTimeout as elapse } from 'node:timers/promises';
import type { Child } from './child.ts';
import type { Contestant } from './contestants.ts';
import { cpuMs } from './cpu.ts';
import type { Load, LoadResult } from './load.ts';

const STORM_TOKEN_SECONDS = 4;

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
}

/** Measures one round. */
export type Workload = (parts: Parts) => Promise<Round>;

/** The workloads of docs/performance.md that run against app and limit alike. */
export const WORKLOADS: Readonly<Record<string, { readonly what: string; readonly run: Workload }>> = {
  W1: {
    what: 'GET /_token_refresh, fresh, 32 wide',
    run: (parts) => steady(parts, telling(parts.contestant, 'partner', 32)),
  },
  W2: { what: 'send and record, 32 wide', run: (parts) => steady(parts, sending(parts.contestant)) },
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

function sending({ origin, sending: call }: Contestant): Load {
  return { origin, ...call, width: 32 };
}

async function steady({ contestant, load, seconds }: Parts, what: Load): Promise<Round> {
  await load.ask<LoadResult>({ ...what, seconds: Math.min(1, seconds / 2) });
  return measured(contestant, () => load.ask<LoadResult>({ ...what, seconds, keepsPool: true }));
}

/** Opens the thousand connections while the token is fresh, waits until it has expired, and asks a thousand times at once. */
async function storm({ contestant, load, neighbours }: Parts): Promise<Round> {
  const thousand = { ...telling(contestant, 'storm', 1000), requests: 1000 };
  await neighbours.ask({ ask: 'set', tokenSeconds: STORM_TOKEN_SECONDS, delayMs: 0 });
  const { origin, path, headers } = thousand;
  const first = (await (await fetch(origin + path, { headers })).json()) as { expiresAt: string };
  const warm = await load.ask<LoadResult>(thousand);
  if (warm.failures > 0) throw new Error(`Before the storm: ${JSON.stringify(warm.statuses)}`);
  await elapse(Math.max(0, Date.parse(first.expiresAt) + 20 - Date.now()));
  await neighbours.ask({ ask: 'set', tokenSeconds: STORM_TOKEN_SECONDS, delayMs: 50 });
  const before = await neighbours.ask<{ total: number }>({ ask: 'tokenCalls' });
  const round = await measured(contestant, () => load.ask<LoadResult>({ ...thousand, keepsPool: true }));
  const after = await neighbours.ask<{ total: number }>({ ask: 'tokenCalls' });
  await neighbours.ask({ ask: 'set', tokenSeconds: 3600, delayMs: 0 });
  return { ...round, tokenCalls: after.total - before.total };
}

async function measured({ pid }: Contestant, run: () => Promise<LoadResult>): Promise<Round> {
  const before = cpuMs(pid);
  const { requests, failures, elapsedMs, p50, p99 } = await run();
  const cpuMicrosPerRequest = ((cpuMs(pid) - before) * 1000) / requests;
  return { cpuMicrosPerRequest, requestsPerSecond: (requests * 1000) / elapsedMs, p50, p99, failures };
}
