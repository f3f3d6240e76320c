import type { Clock } from '../../src/kernel/clock.ts';

/** A clock that goes on by itself until it is stopped, and can be set forward. */
export class TestClock implements Clock {
  #aheadMs = 0;
  #stoppedAt: number | null = null;

  now(): Date {
    return new Date((this.#stoppedAt ?? Date.now()) + this.#aheadMs);
  }

  advance(ms: number): void {
    this.#aheadMs += ms;
  }

  /** From now on only `advance` moves it: for tests that measure spans by it, on a machine of any speed. */
  stop(): void {
    this.#stoppedAt = Date.now();
  }
}
