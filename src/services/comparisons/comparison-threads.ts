import { on, once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { ComparedPair, Difference, Told } from './difference.ts';

interface Limits {
  /** For the comparison itself, from when its thread runs. */
  readonly deadlineMs: number;
  readonly memoryMb: number;
  /** Comparisons that may wait for the one under way. */
  readonly line: number;
}

const LIMITS: Limits = { deadlineMs: 2000, memoryMb: 256, line: 16 };

const LONGEST_START_MS = 30_000;

/** Compares bodies in a thread beside this one, one pair at a time, with a deadline and a bound on memory. */
export class ComparisonThreads {
  readonly #limits: Limits;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(limits: Partial<Limits> = {}) {
    this.#limits = { ...LIMITS, ...limits };
  }

  /** What differs; JSON that takes too long by its structure is tried by line, and what still does only says so. */
  async compare(pair: Omit<ComparedPair, 'byStructure'>): Promise<Difference> {
    if (this.#waiting >= this.#limits.line)
      return { how: 'hash', notes: ['Too many comparisons wait already. Load this page again in a moment.'] };
    this.#waiting += 1;
    const turn = this.#last.then(() => this.#inTurn(pair));
    this.#last = turn.catch(() => null).finally(() => (this.#waiting -= 1));
    return turn;
  }

  async #inTurn(pair: Omit<ComparedPair, 'byStructure'>): Promise<Difference> {
    return (
      (await this.#run({ ...pair, byStructure: true })) ??
      (await this.#run({ ...pair, byStructure: false })) ?? { how: 'hash', notes: [TOO_MUCH] }
    );
  }

  /** Null where the thread ran out of time or memory. Throws what it threw. */
  async #run(pair: ComparedPair): Promise<Difference | null> {
    const worker = new Worker(new URL('./comparison-worker.ts', import.meta.url), {
      workerData: pair,
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: this.#limits.memoryMb },
    });
    const ended = once(worker, 'exit');
    const overdue = new AbortController();
    let timer = setTimeout(() => overdue.abort(), LONGEST_START_MS);
    try {
      for await (const [message] of on(worker, 'message', { signal: overdue.signal })) {
        const told = message as Told;
        if (told !== 'started') return told;
        clearTimeout(timer);
        timer = setTimeout(() => overdue.abort(), this.#limits.deadlineMs);
      }
      return null;
    } catch (error) {
      if (isOverLimit(error)) return null;
      throw error;
    } finally {
      clearTimeout(timer);
      await worker.terminate();
      await ended.catch(() => null);
    }
  }
}

const TOO_MUCH = 'Comparing them takes too long, so they are compared by their hashes.';

function isOverLimit(error: unknown): boolean {
  const { name, code } = error as { readonly name?: unknown; readonly code?: unknown };
  return name === 'AbortError' || code === 'ERR_WORKER_OUT_OF_MEMORY';
}
