import { AsyncLocalStorage } from 'node:async_hooks';

/** Taken when this module loads, so it holds no request's context. */
const inNoScope = AsyncLocalStorage.snapshot();

/**
 * Joins callers that ask for the same key to one run of the work.
 * The work flies in nobody's context: it returns plain data and opens a scope of its own where it needs one.
 */
export class SingleFlight<T> {
  readonly #flights = new Map<string, Promise<T>>();

  /** The flight under way for `key`, or a new one. It rejects for everybody who joined. */
  join(key: string, work: () => Promise<T>): Promise<T> {
    const underway = this.#flights.get(key);
    if (underway) return underway;

    const flight = inNoScope(work).finally(() => this.#flights.delete(key));
    this.#flights.set(key, flight);
    return flight;
  }

  /** The flight under way for `key`, if there is one. */
  underway(key: string): Promise<T> | undefined {
    return this.#flights.get(key);
  }

  /** Resolves when every flight that is under way now has landed, however it ended. */
  async landed(): Promise<void> {
    await Promise.allSettled(this.#flights.values());
  }
}
