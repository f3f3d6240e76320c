import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { SessionEnded } from '../../src/db/errors.ts';
import { session } from '../../src/db/session.ts';
import { Connection } from '../../src/model/connection.ts';
import { count, gate, inOurs, kept, oneDatabase } from './one-database.ts';
import { addConnection, connectionFields } from './rows.ts';

oneDatabase();

describe('After a scope has ended', () => {
  /** Starts work that outlives its scope and gives back what came of it. */
  async function late(start: () => Promise<() => Promise<unknown>>): Promise<unknown> {
    const over = gate();
    let outcome: Promise<unknown> = Promise.resolve();
    await inOurs(async () => {
      const use = await start();
      outcome = over.promise.then(use).then(
        () => 'it went through',
        (error: unknown) => error,
      );
    });
    over.resolve();
    return outcome;
  }

  test.each<[string, () => Promise<() => Promise<unknown>>]>([
    ['the session', async () => async () => session.find(Connection, {})],
    ['a held EntityManager', async () => session().find.bind(session(), Connection, {})],
    [
      'a held EntityManager’s flush',
      async () => {
        const em = session();
        addConnection();
        return () => em.flush();
      },
    ],
    [
      'a held Kysely handle',
      async () => {
        const db = session().getKysely<{ connection: { id: string } }>();
        return () => db.deleteFrom('connection').execute();
      },
    ],
    [
      'a held transaction’s handle',
      async () => {
        await session.begin();
        const db = session().getKysely<{ connection: { id: string } }>();
        return () => db.deleteFrom('connection').execute();
      },
    ],
    [
      'a fork',
      async () => {
        const fork = session().fork();
        return () => fork.nativeDelete(Connection, {});
      },
    ],
    [
      'the manager of a finished transaction',
      async () => {
        const em = await session.transactional(async (inner) => inner);
        return () => em.nativeDelete(Connection, {});
      },
    ],
  ])('%s is refused, by the label of the scope, and changes nothing', async (_what, start) => {
    await kept();

    const error = await late(start);

    expect(error).toBeInstanceOf(SessionEnded);
    expect((error as Error).message).toContain('request 42');
    expect(await count()).toBe(1);
  });

  test('a transaction that nobody awaited is rolled back, and writes no row afterwards', async () => {
    const over = gate();
    let outcome: Promise<unknown> = Promise.resolve();
    await inOurs(async () => {
      const began = gate();
      outcome = session
        .transactional(async () => {
          await session.insert(Connection, connectionFields());
          began.resolve();
          await over.promise;
          await session().insert(Connection, connectionFields());
        })
        .catch((error: unknown) => error);
      await began.promise;
    });
    expect(await count()).toBe(0);
    over.resolve();
    expect(await outcome).toBeInstanceOf(SessionEnded);
    expect(await count()).toBe(0);
  });

  test('a flush that nobody awaited writes nothing', async () => {
    let outcome: Promise<unknown> = Promise.resolve();
    await inOurs(async () => {
      addConnection();
      outcome = session.flush().catch((error: unknown) => error);
    });
    expect(await outcome).toBeInstanceOf(SessionEnded);
    expect(await count()).toBe(0);
  });

  test('a timer is refused, however late', async () => {
    let outcome: Promise<unknown> = Promise.resolve();
    await inOurs(async () => {
      outcome = delay(5)
        .then(() => session.count(Connection))
        .catch((error: unknown) => error);
    });
    expect(await outcome).toBeInstanceOf(SessionEnded);
  });
});
