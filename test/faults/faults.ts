import { parseArgs } from 'node:util';
import { runOptions } from '../support/run-options.ts';
import type { Extent } from './fault-run.ts';
import { FAULTS } from './list.ts';
import { complaintsOf, HEAD, isClean, lineOf, type Tally } from './tally.ts';

const USAGE = `npm run faults -- [--kills 50] [--only K4,F2] [--quick] [--lanes 2] [--minutes 120]
Breaks everything around the keeping of grants and prints a line a fault; ends with 1 when anything was lost.
--kills: kills at each point with each kind of provider. --only: these faults and no others.
--quick: fewer of each, but as many kills. --lanes: so many faults at once. --minutes: no kill is begun after that.`;

const values = runOptions({
  usage: USAGE,
  parse: () =>
    parseArgs({
      options: {
        help: { type: 'boolean' },
        kills: { type: 'string', default: '50' },
        only: { type: 'string' },
        quick: { type: 'boolean', default: false },
        lanes: { type: 'string', default: '2' },
        minutes: { type: 'string', default: '120' },
      },
    }).values,
  names: [...new Set(FAULTS.flatMap(({ names }) => names))],
  numbers: ['kills', 'lanes', 'minutes'],
});
const since = performance.now();
const say = (line: string) => void process.stdout.write(`${line}\n`);
const extent: Extent = {
  kills: Number(values.kills),
  isQuick: values.quick,
  isTimeUp: () => seconds() > Number(values.minutes) * 60,
  note: (line) => say(`${seconds()} s: ${line}`),
};
const only = values.only?.split(',');
const wants = (name: string) => !only || only.includes(name);
const faults = FAULTS.filter(({ names }) => names.some(wants));
const rest = faults.map((fault) => ({ fault, tallies: [] as Tally[] }));
const table = [...rest];
await Promise.all(Array.from({ length: Number(values.lanes) }, lane));

const tallies = table.flatMap((one) => one.tallies);
say(['', HEAD, ...tallies.map(lineOf)].join('\n'));
const complaints = tallies.flatMap(complaintsOf);
if (complaints.length > 0) say(['', ...complaints].join('\n'));
say(`\n${seconds()} s`);
process.exitCode = tallies.every(isClean) ? 0 : 1;

/** Takes one fault after another; what breaks the harness itself counts as lost. */
async function lane(): Promise<void> {
  for (let next = rest.shift(); next; next = rest.shift()) {
    const { fault, tallies } = next;
    try {
      for await (const tally of fault.run(extent, wants)) {
        tallies.push(tally);
        extent.note(lineOf(tally));
      }
    } catch (error) {
      tallies.push(broken(fault.names.join(' '), error));
      extent.note(tallies.flatMap(complaintsOf).join(' '));
    }
  }
}

function seconds(): number {
  return Math.round((performance.now() - since) / 1000);
}

function broken(fault: string, error: unknown): Tally {
  const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { fault, runs: [{ wrong: [why], doubleSpent: 0, ms: [] }] };
}
