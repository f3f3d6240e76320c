import { DatabaseBusy } from '../../kernel/errors.ts';

interface Waiter {
  readonly admit: () => void;
  readonly timer: NodeJS.Timeout;
}

/** First come, first served: one at a time, and nobody waits longer than `limitMs`. */
export class Line {
  readonly #limitMs: number;
  readonly #waiters = new Set<Waiter>();
  #taken = false;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /** Resolves when it is our turn. Throws `DatabaseBusy` when that takes too long; then we are out of the line. */
  enter(): Promise<void> {
    if (!this.#taken) {
      this.#taken = true;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter);
        reject(new DatabaseBusy());
      }, this.#limitMs);
      const waiter: Waiter = { admit: resolve, timer };
      this.#waiters.add(waiter);
    });
  }

  /** Lets the next one in. */
  leave(): void {
    const [next] = this.#waiters;
    if (!next) {
      this.#taken = false;
      return;
    }
    this.#waiters.delete(next);
    clearTimeout(next.timer);
    next.admit();
  }
}
