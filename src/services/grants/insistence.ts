import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../kernel/clock.ts';

const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 2_000;

/** Nothing is insisted on for longer. */
const LONGEST_MS = 30_000;

interface Terms {
  readonly clock: Clock;
  /** After this moment a fault comes through. */
  readonly until: Date;
  /** Hears of every fault; false for one that no further try can mend, which then comes through at once. */
  readonly isPassing: (fault: unknown) => boolean;
}

/**
 * Does work that must not be lost again and again, waiting longer each time. Throws its fault once time is up, whatever
 * becomes of the clock meanwhile.
 */
export async function insistOn<T>(work: () => Promise<T>, { clock, until, isPassing }: Terms): Promise<T> {
  const end = performance.now() + Math.min(until.getTime() - clock.now().getTime(), LONGEST_MS);
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    try {
      return await work();
    } catch (fault) {
      const isOver = performance.now() + waitMs > end || clock.now().getTime() + waitMs > until.getTime();
      if (!isPassing(fault) || isOver) throw fault;
    }
    await delay(waitMs);
  }
}
