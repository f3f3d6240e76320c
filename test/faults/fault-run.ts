import type { Tally } from './tally.ts';

/** How much is run. */
export interface Extent {
  readonly kills: number;
  readonly isQuick: boolean;
  /** True when no more kills are to be begun. */
  readonly isTimeUp: () => boolean;
  /** Tells whoever waits how far it is. */
  readonly note: (line: string) => void;
}

/** Faults that are run together, one after another. */
export interface FaultRun {
  readonly names: readonly string[];
  /** `wants`: is this one of its names to be run? */
  readonly run: (extent: Extent, wants: (name: string) => boolean) => AsyncIterable<Tally>;
}

/** So many runs, one after another. */
export async function times<T>(runs: number, run: (round: number) => Promise<T>): Promise<T[]> {
  const done: T[] = [];
  while (done.length < runs) done.push(await run(done.length));
  return done;
}
