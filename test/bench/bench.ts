import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as elapse } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startChild } from './child.ts';
import { runApp } from '../support/running-app.ts';
import { runOptions } from '../support/run-options.ts';
import { type Contestant, startApp, startLimit } from './contestants.ts';
import { residentMiB } from './cpu.ts';
import type { Addresses } from './neighbours.ts';
import { measurePages, measurePruning, pageLines, pruningLine } from './record.ts';
import { measureRelays, type MeasuredRelay, relayLines } from './relays.ts';
import { measureSearches, searchLines } from './searches.ts';
import { type Measured, rowsOf, shown, spreadOf, TABLE_HEAD } from './table.ts';
import { type Round, WORKLOADS } from './workloads.ts';

const NAMES = ['W1', 'W1K', 'W2', 'W2F', 'W3', 'W4', 'W5', 'W6', 'W7', 'W8'];
const USAGE = `npm run bench -- [--quick] [--only W1,W4] [--exchanges 1000000] [--json FILE]
Measures Callbook against the same work by hand and prints tables; see docs/performance.md.
--quick: fewer and shorter rounds. --only: these workloads and no others. --exchanges: size of the record in W4 and W5.
--json: writes the figures to that file too.`;

const values = runOptions({
  usage: USAGE,
  parse: () =>
    parseArgs({
      options: {
        help: { type: 'boolean' },
        quick: { type: 'boolean', default: false },
        json: { type: 'string' },
        only: { type: 'string', default: NAMES.join(',') },
        exchanges: { type: 'string', default: '1000000' },
      },
    }).values,
  names: NAMES,
  numbers: ['exchanges'],
});
const rounds = values.quick ? 2 : 5;
const seconds = values.quick ? 3 : 10;
const wanted = values.only.split(',');

interface Start {
  readonly startMs: number;
  readonly residentMiB: number;
}

console.log(
  `${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores, Node ${process.version}, ${new Date().toISOString()}`,
);
const { measured, relays } = await measureAll();
if (measured.length > 0) console.log(['', ...TABLE_HEAD, ...measured.flatMap(rowsOf)].join('\n'));
if (relays.length > 0) console.log(['', ...relayLines(relays)].join('\n'));
const starts = wanted.includes('W8') ? await measureStarts() : [];
if (starts.length > 0) {
  const start = shown(spreadOf(starts.map((one) => one.startMs)), 0);
  const resident = shown(spreadOf(starts.map((one) => one.residentMiB)), 0);
  console.log(`\nW8: start to first page on an existing database ${start} ms, resident when idle ${resident} MiB`);
}
const record = wanted.includes('W4') || wanted.includes('W5') ? await measureLargeRecord() : null;
if (values.json)
  await writeFile(values.json, JSON.stringify({ rounds, seconds, measured, relays, starts, record }, null, 2));

/** On an app of its own: the others are measured on a record that is small. */
async function measureLargeRecord() {
  await using neighbours = await startChild('neighbours.ts');
  await using load = await startChild('load.ts');
  const folder = await mkdtemp(join(tmpdir(), 'callbook-bench-'));
  const holdFile = join(folder, 'hold.json');
  const addresses = await neighbours.ask<Addresses>({ ask: 'addresses' });
  await using app = await startApp(addresses, {
    BENCH_HOLD_FILE: holdFile,
    NODE_OPTIONS: `--import=${join(import.meta.dirname, 'hold-probe.ts')}`,
  });
  const parts = { app, load, seconds, holdFile, exchanges: Number(values.exchanges) };
  const pages = await measurePages({ ...parts, rounds: rounds + 1, startSmall: () => startApp(addresses) });
  console.log(['', ...pageLines(pages)].join('\n'));
  const searches = wanted.includes('W5') ? await measureSearches(parts) : null;
  if (searches) console.log(searchLines(searches).join('\n'));
  const pruned = wanted.includes('W4') ? await measurePruning(parts) : null;
  if (pruned) console.log(pruningLine(pruned));
  await rm(folder, { recursive: true });
  return { pages, searches, pruned };
}

async function measureAll(): Promise<{ measured: Measured[]; relays: MeasuredRelay[] }> {
  const names = Object.keys(WORKLOADS).filter((name) => wanted.includes(name));
  if (names.length === 0 && !wanted.includes('W7')) return { measured: [], relays: [] };
  await using neighbours = await startChild('neighbours.ts');
  const addresses = await neighbours.ask<Addresses>({ ask: 'addresses' });
  await using load = await startChild('load.ts');
  await using app = await startApp(addresses);
  await using limit = await startLimit(addresses);
  const results: Measured[] = [];
  for (const name of names) {
    const { what, run } = WORKLOADS[name] as (typeof WORKLOADS)[string];
    const found: Record<Contestant['name'], Round[]> = { app: [], limit: [] };
    for (let round = 0; round < rounds; round += 1) {
      for (const contestant of [app, limit])
        found[contestant.name].push(await run({ contestant, load, neighbours, seconds, round }));
    }
    results.push({ workload: name, what, ...found });
  }
  const relays = wanted.includes('W7') ? await measureRelays([app, limit], load, rounds) : [];
  return { measured: results, relays };
}

async function measureStarts(): Promise<Start[]> {
  const folder = await mkdtemp(join(tmpdir(), 'callbook-start-'));
  const starts: Start[] = [];
  try {
    // The first start makes the database and fills the compile cache; the ones after it are measured.
    for (let at = 0; at <= rounds; at += 1) {
      const start = performance.now();
      await using app = await runApp({ folder });
      await (await fetch(`${app.origin}/sign-in`)).text();
      const startMs = performance.now() - start;
      if (at === 0) continue;
      await elapse(values.quick ? 1500 : 5000);
      starts.push({ startMs, residentMiB: residentMiB(app.pid) });
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  return starts;
}
