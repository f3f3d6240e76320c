import type { Logger } from '../kernel/logger.ts';

interface Parts {
  readonly name: string;
  readonly everyMs: number;
  /** Share of the interval that each wait varies by, to both sides. */
  readonly jitter: number;
  readonly chance: () => number;
  readonly logger: Logger;
}

/**
 * Does a piece of work again and again, one at a time; a failure is logged and the next turn comes. `atOnce` is done
 * instead of it at the beginning, while the caller goes on.
 */
export function startTicker(
  { name, everyMs, jitter, chance, logger }: Parts,
  work: () => Promise<unknown>,
  atOnce?: () => Promise<unknown>,
) {
  let timer: NodeJS.Timeout | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  let isStopped = false;

  const wait = () => {
    if (isStopped) return;
    timer = setTimeout(() => run(work), everyMs * (1 + jitter * (2 * chance() - 1)));
    timer.unref();
  };
  const run = (job: () => Promise<unknown>) => {
    turn = job()
      .catch((error: unknown) =>
        logger.error({ job: name, err: error }, 'A background job failed; it runs again at its next turn.'),
      )
      .finally(wait);
  };
  if (atOnce) run(atOnce);
  else wait();

  return {
    /** No further turn; resolves when the one under way is over. */
    async stop(): Promise<void> {
      isStopped = true;
      clearTimeout(timer);
      await turn;
    },
  };
}
