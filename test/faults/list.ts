import { ANSWERS } from './answers.ts';
import { BACKUPS } from './backups.ts';
import { CLOCKS } from './clocks.ts';
import { CROWDS } from './crowds.ts';
import { DEPARTURES } from './departures.ts';
import { DISK } from './disk.ts';
import { DURABILITY } from './durability.ts';
import type { FaultRun } from './fault-run.ts';
import { type Kind, KINDS } from './house.ts';
import { IN_THE_AIR } from './in-the-air.ts';
import { KEYS } from './keys.ts';
import { KILL_POINTS } from './kill-points.ts';
import { Killings } from './kills.ts';
import { LOCKS } from './locks.ts';
import { SENDS } from './sends.ts';
import type { Run } from './tally.ts';
import { THOUSANDS } from './thousands.ts';

/** Every kill point with one kind of provider, in turns, so that a run that is ended early has killed at each as often. */
function killsOf(kind: Kind): FaultRun {
  return {
    names: KILL_POINTS.map(({ name }) => name),
    async *run({ kills, isTimeUp, note }, wants) {
      await using killings = await Killings.open(kind);
      const tallies = KILL_POINTS.filter(({ name }) => wants(name)).map((point) => ({
        point,
        fault: `${point.name} ${kind}`,
        runs: [] as Run[],
      }));
      for (let round = 1; round <= kills && !isTimeUp(); round += 1) {
        for (const { point, fault, runs } of tallies) {
          const run = await killings.kill(point);
          if (run) runs.push(run);
          else note(`${fault}: the next process began too late for the grace; the run does not count`);
        }
        if (round % 5 === 0) note(`${kind}: ${round} kills at each point`);
      }
      yield* tallies;
    },
  };
}

/** Everything there is to break, in the order of the table. */
export const FAULTS: readonly FaultRun[] = [
  ...(Object.keys(KINDS) as Kind[]).map(killsOf),
  CROWDS,
  IN_THE_AIR,
  THOUSANDS,
  DEPARTURES,
  DISK,
  LOCKS,
  CLOCKS,
  BACKUPS,
  KEYS,
  ANSWERS,
  DURABILITY,
  SENDS,
];
