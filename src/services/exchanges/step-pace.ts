import { setTimeout as elapse } from 'node:timers/promises';
import { redoably } from '../../db/session.ts';

/** What a step may hold the database for. */
const STEP_MS = 8;
/** Others get so many times as long afterwards. */
const REST = 2;
const LONGEST_REST_MS = 200;
const FEWEST = 5;
const MOST = 200;

interface Parts {
  /** Steps are such as are done again where a power cut took them, unless another kind of transaction is given. */
  readonly inTransaction: typeof redoably;
  /** What has to be over before the next step, such as moving what was written into the file: it ends when nobody writes. */
  readonly afterwards: () => Promise<unknown>;
  /** Gives milliseconds that no setting of the clock moves. */
  readonly elapsed: () => number;
  /** Lets so many milliseconds pass. */
  readonly rest: (ms: number) => Promise<unknown>;
}

const PARTS: Parts = {
  inTransaction: redoably,
  afterwards: () => Promise.resolve(),
  elapsed: () => performance.now(),
  rest: elapse,
};

/** Keeps background work small: a step takes so many rows as fit in a few milliseconds, and rests before the next. */
export class StepPace {
  readonly #parts: Parts;
  #rows = 20;

  constructor(parts: Partial<Parts> = {}) {
    this.#parts = { ...PARTS, ...parts };
  }

  /** Rows for the next step. */
  get rows(): number {
    return this.#rows;
  }

  /** Does one step in a transaction of the session, and lets others have their turn. Waiting for the database is no work. */
  async step<T>(work: () => Promise<T>): Promise<T> {
    const { inTransaction, afterwards, elapsed, rest } = this.#parts;
    let began = 0;
    let took = 0;
    const done = await inTransaction(async () => {
      began = elapsed();
      const result = await work();
      took = elapsed() - began;
      return result;
    });
    const fitting = Math.round((this.#rows * STEP_MS) / Math.max(took, 1));
    this.#rows = Math.min(MOST, 2 * this.#rows, Math.max(FEWEST, fitting));
    // The commit counts here: the disk is others' as well.
    await rest(Math.min(REST * (elapsed() - began), LONGEST_REST_MS));
    await afterwards();
    return done;
  }
}
