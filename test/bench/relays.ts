import { setTimeout as elapse } from 'node:timers/promises';
import type { Child } from './child.ts';
import type { Contestant } from './contestants.ts';
import { forgetPeak, peakMiB, residentMiB } from './cpu.ts';
import type { Transfer } from './load.ts';
import { shown, spreadOf } from './table.ts';

const BYTES = 100 * 2 ** 20;
const SETTLE_MS = 1500;

/** One large body through a relay: how fast, and how much more was resident at the most than when idle before it. */
interface Relayed {
  readonly mibPerSecond: number;
  readonly aboveIdleMiB: number;
}

/** W7 for one direction, round by round. */
export interface MeasuredRelay {
  readonly way: 'up' | 'down';
  readonly app: readonly Relayed[];
  readonly limit: readonly Relayed[];
}

/** Measures W7: 100 MiB up, then 100 MiB down, app and limit in turn. */
export async function measureRelays(
  contestants: readonly Contestant[],
  load: Child,
  rounds: number,
): Promise<MeasuredRelay[]> {
  const measured: MeasuredRelay[] = [];
  for (const way of ['up', 'down'] as const) {
    const found: Record<Contestant['name'], Relayed[]> = { app: [], limit: [] };
    for (const contestant of contestants) await load.ask({ ...transferOf(contestant, way, 2 ** 20) });
    for (let round = 0; round < rounds; round += 1) {
      for (const contestant of contestants) found[contestant.name].push(await relayed(contestant, way, load));
    }
    measured.push({ way, ...found });
  }
  return measured;
}

async function relayed(contestant: Contestant, way: 'up' | 'down', load: Child): Promise<Relayed> {
  await elapse(SETTLE_MS);
  const idle = residentMiB(contestant.pid);
  forgetPeak(contestant.pid);
  const { elapsedMs } = await load.ask<{ elapsedMs: number }>({ ...transferOf(contestant, way, BYTES) });
  return { mibPerSecond: BYTES / 2 ** 20 / (elapsedMs / 1000), aboveIdleMiB: peakMiB(contestant.pid) - idle };
}

function transferOf({ origin, keyHeaders }: Contestant, way: 'up' | 'down', bytes: number): Transfer {
  return way === 'up'
    ? { origin, path: '/proxy/partner/orders', headers: keyHeaders, bytesUp: bytes, bytesDown: 0 }
    : { origin, path: `/proxy/partner/bytes?size=${bytes}`, headers: keyHeaders, bytesUp: 0, bytesDown: bytes };
}

/** W7 as lines to print. */
export function relayLines(measured: readonly MeasuredRelay[]): string[] {
  return measured.map(({ way, app, limit }) => {
    const share = app.map(({ mibPerSecond }, at) => (100 * mibPerSecond) / (limit[at]?.mibPerSecond ?? NaN));
    const speed = shown(spreadOf(app.map((one) => one.mibPerSecond)), 0);
    const above = shown(spreadOf(app.map((one) => one.aboveIdleMiB)), 0);
    const limitAbove = shown(spreadOf(limit.map((one) => one.aboveIdleMiB)), 0);
    return `W7: 100 MiB ${way}: ${speed} MiB/s, ${shown(spreadOf(share), 0)} % of the limit; at most ${above} MiB above idle (limit: ${limitAbove})`;
  });
}
