import { setTimeout as delay } from 'node:timers/promises';
import { DatabaseBusy } from '../../kernel/errors.ts';

const FIRST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 40;

/** SQLite's name for what went wrong, such as `SQLITE_FULL`, or null where the error is not SQLite's. */
export function sqliteCode(error: unknown): string | null {
  // By its code and not its class: better-sqlite3 has one class a process, and a test runner loads many of the module.
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : null;
}

/** True when another process stood in the way; nothing was done, so the same can be tried again. */
export function isBusy(error: unknown): boolean {
  const code = sqliteCode(error);
  return code !== null && (code.startsWith('SQLITE_BUSY') || code === 'SQLITE_LOCKED');
}

/**
 * Tries until no other process stands in the way, pausing between tries without holding the event loop. After
 * `limitMs` throws `DatabaseBusy`; any other fault comes through at once.
 */
export async function whenFree<T>(attempt: () => T, limitMs: number, random: () => number = Math.random): Promise<T> {
  const start = performance.now();
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    try {
      return attempt();
    } catch (error) {
      if (!isBusy(error)) throw error;
      if (performance.now() - start >= limitMs) throw new DatabaseBusy(undefined, { cause: error });
    }
    await delay(pauseMs * (0.5 + random() / 2));
  }
}
