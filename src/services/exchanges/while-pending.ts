import { session, withSession } from '../../db/session.ts';
import type { Clock } from '../../kernel/clock.ts';
import { QueueFull } from '../../kernel/errors.ts';
import type { Draft, ExchangeJournal } from './exchange-journal.ts';

interface Parts {
  readonly clock: Clock;
  readonly journal: ExchangeJournal;
}

/**
 * Does what makes and settles a call that is on record as pending, and throws what that throws. The record is closed
 * then: taken back where the call found no place in the line, `interrupted` otherwise; one that is settled stays as it
 * is. No transaction may be open.
 */
export async function whilePending<T>(parts: Parts, draft: Draft, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // What went wrong first says more than a database that does not take this either; the next start closes it then.
    await close(parts, draft, error).catch(() => {});
    throw error;
  }
}

/** In a scope of its own: the session that failed may be of no more use. */
function close({ clock, journal }: Parts, { id, workspaceId }: Draft, error: unknown): Promise<void> {
  return withSession(workspaceId, () =>
    session.transactional(() =>
      error instanceof QueueFull ? journal.withdraw(id) : journal.interrupt(id, clock.now()),
    ),
  );
}
