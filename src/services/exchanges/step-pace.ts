import { setTimeout as elapse } from 'node:timers/promises';

/** What a step may take; afterwards others get as long. */
const STEP_MS = 8;
const FEWEST = 5;
const MOST = 200;

/** Keeps background work small: a step takes so many rows as fit in a few milliseconds, and rests as long as it took. */
export class StepPace {
  #rows = 20;

  /** Rows for the next step. */
  get rows(): number {
    return this.#rows;
  }

  /** Does one step and lets others have their turn. */
  async step<T>(work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    const done = await work();
    const took = performance.now() - start;
    const fitting = Math.round((this.#rows * STEP_MS) / Math.max(took, 1));
    this.#rows = Math.min(MOST, 2 * this.#rows, Math.max(FEWEST, fitting));
    await elapse(Math.min(took, 100));
    return done;
  }
}
