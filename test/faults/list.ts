import { type Kind, KINDS } from './house.ts';
import { KILL_POINTS } from './kill-points.ts';
import { Killings } from './kills.ts';
import type { Run, Tally } from './tally.ts';

/** How much is run. */
export interface Extent {
  readonly kills: number;
  readonly isQuick: boolean;
}

/** Faults that are run together, in a house of their own. */
export interface FaultRun {
  readonly names: readonly string[];
  /** `wanted`: only these of its names; all where it is left out. */
  readonly run: (extent: Extent, wanted?: readonly string[]) => AsyncIterable<Tally>;
}

/** Every kill point with one kind of provider. */
function killsOf(kind: Kind): FaultRun {
  return {
    names: KILL_POINTS.map(({ name }) => name),
    async *run({ kills }, wanted) {
      await using killings = await Killings.open(kind);
      for (const point of KILL_POINTS.filter(({ name }) => !wanted || wanted.includes(name))) {
        const runs: Run[] = [];
        while (runs.length < kills) runs.push(await killings.kill(point));
        yield { fault: `${point.name} ${kind}`, runs };
      }
    },
  };
}

/** Everything there is to break, in the order of the table. */
export const FAULTS: readonly FaultRun[] = (Object.keys(KINDS) as Kind[]).map(killsOf);
