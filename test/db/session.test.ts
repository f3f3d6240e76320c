import { setTimeout as delay } from 'node:timers/promises';
import type { EntityManager } from '@mikro-orm/sqlite';
import { CompiledQuery } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  CallInsideTransaction,
  FlushOverlap,
  NoSession,
  QueryOutsideTransaction,
  ScopeInsideTransaction,
  SessionEnded,
  SessionFailed,
} from '../../src/db/errors.ts';
import { durably, refuseIfInTransaction, removeSession, session, withSession } from '../../src/db/session.ts';
import { withSystem } from '../../src/db/system.ts';
import { Connection } from '../../src/model/connection.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { addConnection, connectionFields, newId, OURS } from './rows.ts';

const warnings: { scope?: string; entities?: string[] }[] = [];
const silent = () => {};
const logger = { debug: silent, info: silent, error: silent, warn: (facts: object) => void warnings.push(facts) };

let opened: TestDatabase;
beforeAll(async () => {
  opened = await openTestDatabase({ logger });
});
afterAll(async () => opened[Symbol.asyncDispose]());
beforeEach(async () => {
  await withSystem(() => session.nativeDelete(Connection, {}));
  warnings.length = 0;
});

const inOurs = <T>(work: () => Promise<T>) => withSession(OURS, work, { label: 'request 42' });
const count = () => withSystem(() => session.count(Connection));
const kept = () =>
  inOurs(async () => {
    const connection = addConnection();
    await session.flush();
    return connection.id;
  });

/** A promise and the means to settle it. */
function gate() {
  return Promise.withResolvers<void>();
}

describe('Without a scope', () => {
  test.each<[string, () => unknown]>([
    ['the session', () => session()],
    ['find', () => session.find(Connection, {})],
    ['removeSession', () => removeSession()],
    ['the ORM’s own find', () => opened.database.orm.em.find(Connection, {})],
    ['nativeUpdate', () => opened.database.orm.em.nativeUpdate(Connection, {}, { name: 'x' })],
    ['nativeDelete', () => opened.database.orm.em.nativeDelete(Connection, {})],
    ['begin', () => opened.database.orm.em.begin()],
    ['transactional', () => opened.database.orm.em.transactional(async () => {})],
    ['execute', () => (opened.database.orm.em as EntityManager).execute('select 1')],
    ['a query builder', () => (opened.database.orm.em as EntityManager).createQueryBuilder(Connection)],
    ['the connection itself', () => (opened.database.orm.em as EntityManager).getConnection().execute('select 1')],
  ])('%s is refused with what to do', async (_what, use) => {
    await expect((async () => use())()).rejects.toThrow(NoSession);
    await expect((async () => use())()).rejects.toThrow(/withSession/);
  });
});

describe('In a scope', () => {
  test('the session is made once and is the same by call and by proxy', async () => {
    await inOurs(async () => {
      expect(session()).toBe(session());
      const connection = addConnection();
      await session.flush();
      expect(await session.findOneOrFail(Connection, { id: connection.id })).toBe(connection);
    });
  });

  test('nothing is written without a flush, not even before a query', async () => {
    await inOurs(async () => {
      addConnection();
      expect(await session.count(Connection)).toBe(0);
      expect(await session.find(Connection, {})).toEqual([]);
    });
    expect(await count()).toBe(0);
  });

  test('another scope has a session of its own, also when it is opened inside', async () => {
    await inOurs(async () => {
      const mine = session();
      addConnection();
      await withSession(OURS, async () => {
        expect(session()).not.toBe(mine);
        await session.flush();
      });
    });
    expect(await count()).toBe(0);
  });

  test('transactional() is the transaction of the proxy, too', async () => {
    const id = await kept();

    const work = inOurs(() =>
      session.transactional(async () => {
        (await session.findOneOrFail(Connection, { id })).name = 'Changed';
        await session.flush();
        throw new Error('undo');
      }),
    );

    await expect(work).rejects.toThrow('undo');
    expect((await inOurs(() => session.findOneOrFail(Connection, { id }))).name).toBe('Partner');
  });

  test('removeSession() rolls back and forgets, and the next use makes a new one', async () => {
    await inOurs(async () => {
      const first = session();
      await session.begin();
      await session.insert(Connection, connectionFields());
      await removeSession();
      expect(session()).not.toBe(first);
      expect(await session.count(Connection)).toBe(0);
    });
  });

  test('an open transaction is rolled back at the end, and the next scope gets the connection', async () => {
    await inOurs(async () => {
      await session.begin();
      await session.insert(Connection, connectionFields());
    });
    expect(await count()).toBe(0);
  });

  test('changes that were never flushed are rolled back and named', async () => {
    const id = await kept();
    await inOurs(async () => {
      (await session.findOneOrFail(Connection, { id })).name = 'Changed';
      addConnection();
    });
    expect(warnings).toEqual([{ scope: 'request 42', entities: expect.arrayContaining(['create Connection']) }]);
    expect(warnings[0]?.entities).toContain('update Connection');
    expect(await count()).toBe(1);
  });

  test('work that failed, or flushed everything, is not warned about', async () => {
    await kept();
    await inOurs(async () => {
      addConnection();
      throw new Error('no');
    }).catch(silent);
    expect(warnings).toEqual([]);
  });
});

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

describe('Two flushes of one scope', () => {
  test('may not overlap: the second is refused at once, the first is whole', async () => {
    await inOurs(async () => {
      addConnection();
      const [first, second] = await Promise.allSettled([session.flush(), session.flush()]);
      expect(first.status).toBe('fulfilled');
      expect(second).toMatchObject({ reason: expect.any(FlushOverlap) });
    });
    expect(await count()).toBe(1);
  });

  test('settle both, when the first one fails', async () => {
    const settled = await inOurs(async () => {
      addConnection({ slug: 'same' });
      addConnection({ slug: 'same' });
      return Promise.allSettled([session.flush(), session.flush()]);
    });
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  test('may follow each other in transactions that were started together', async () => {
    await inOurs(async () => {
      const add = () => session.transactional(async () => void addConnection());
      await Promise.all([add(), add()]);
    });
    expect(await count()).toBe(2);
  });

  test('lose no entity that was added while one ran: adding is refused', async () => {
    await inOurs(async () => {
      addConnection();
      const flushing = session.flush();
      expect(() => addConnection()).toThrow(FlushOverlap);
      await flushing;
    });
    expect(await count()).toBe(1);
  });
});

describe('An entity that changes while it is flushed', () => {
  test.each([2, 6, 10, 14, 18, 22, 26, 30, 40, 50, 60])(
    'is written by the next flush or refused loudly, never lost (moment %i)',
    async (ticks) => {
      const id = await kept();
      const told = await inOurs(async () => {
        const connection = await session.findOneOrFail(Connection, { id });
        connection.name = 'In time';
        const flushing = session.flush();
        for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
        connection.name = 'Too late';
        return flushing.then(
          async () => {
            await session.flush();
            return 'written';
          },
          (error: unknown) => error,
        );
      });
      const { name } = await inOurs(() => session.findOneOrFail(Connection, { id }));
      if (told === 'written') expect(name).toBe('Too late');
      else expect(told).toBeInstanceOf(FlushOverlap);
    },
  );

  test('cannot be removed meanwhile', async () => {
    const id = await kept();
    await inOurs(async () => {
      const connection = await session.findOneOrFail(Connection, { id });
      connection.name = 'Changed';
      const flushing = session.flush();
      expect(() => session.remove(connection)).toThrow(FlushOverlap);
      await flushing;
    });
  });
});

describe('After a failed flush', () => {
  const fail = async () => {
    addConnection({ slug: 'same' });
    addConnection({ slug: 'same' });
    await expect(session.flush()).rejects.toThrow(/UNIQUE/);
  };

  test('the session is refused, and says why', async () => {
    await inOurs(async () => {
      await fail();
      await expect((async () => session.flush())()).rejects.toThrow(SessionFailed);
      await expect((async () => session.find(Connection, {}))()).rejects.toMatchObject({
        cause: { name: 'UniqueConstraintViolationException' },
      });
    });
  });

  test('a held EntityManager cannot flush again either', async () => {
    await inOurs(async () => {
      const em = session();
      await fail();
      await expect(em.flush()).rejects.toThrow(SessionFailed);
    });
    expect(await count()).toBe(0);
  });

  test('a new session works, in the same scope and in a fresh one', async () => {
    await inOurs(async () => {
      await fail();
      await withSession(OURS, async () => {
        addConnection();
        await session.flush();
      });
      await removeSession();
      addConnection();
      await session.flush();
    });
    expect(await count()).toBe(2);
  });

  test('a transaction that had flushed and was rolled back counts as failed', async () => {
    await inOurs(async () => {
      await session
        .transactional(async () => {
          addConnection();
          await session.flush();
          throw new Error('undo');
        })
        .catch(silent);
      expect(() => session()).toThrow(SessionFailed);
    });
  });

  test('a transaction that flushed nothing leaves the session as it was', async () => {
    await inOurs(async () => {
      await session.transactional(() => Promise.reject(new Error('undo'))).catch(silent);
      addConnection();
      await session.flush();
    });
    expect(await count()).toBe(1);
  });
});

describe('While a transaction is open', () => {
  const inTransaction = <T>(work: () => Promise<T>) => inOurs(() => session.transactional(work));

  test('no other scope opens', async () => {
    await expect(inTransaction(() => withSession(OURS, async () => {}))).rejects.toThrow(ScopeInsideTransaction);
    await expect(inTransaction(() => withSystem(async () => {}))).rejects.toThrow(ScopeInsideTransaction);
  });

  test('no call leaves; before and after it may', async () => {
    await expect(inTransaction(async () => refuseIfInTransaction())).rejects.toThrow(CallInsideTransaction);
    await inOurs(async () => {
      refuseIfInTransaction();
      await session.transactional(async () => {});
      refuseIfInTransaction();
      await session.begin();
      expect(() => refuseIfInTransaction()).toThrow(CallInsideTransaction);
      await session.commit();
      refuseIfInTransaction();
    });
    refuseIfInTransaction();
  });

  test('the count is the scope’s own', async () => {
    const over = gate();
    const other = inTransaction(() => over.promise);
    await inOurs(async () => refuseIfInTransaction());
    over.resolve();
    await other;
  });

  test('a query through another fork fails at once instead of waiting for itself', async () => {
    const start = performance.now();
    await expect(inTransaction(async () => session().fork().find(Connection, {}))).rejects.toThrow(
      QueryOutsideTransaction,
    );
    await expect(
      inOurs(async () => {
        const fork = session().fork();
        await session.begin();
        return fork.find(Connection, {});
      }),
    ).rejects.toThrow(QueryOutsideTransaction);
    expect(performance.now() - start).toBeLessThan(500);
    expect(await count()).toBe(0);
  });

  test('a query of another branch waits for its end', async () => {
    const found = await inOurs(async () => {
      const began = gate();
      const adding = session.transactional(async () => {
        await session.insert(Connection, connectionFields());
        began.resolve();
        await delay(20);
      });
      await began.promise;
      const counted = session.count(Connection);
      await adding;
      return counted;
    });
    expect(found).toBe(1);
  });
});

describe('durably()', () => {
  const synchronous = async () => {
    const pragma = CompiledQuery.raw('pragma synchronous') as CompiledQuery<{ synchronous: number }>;
    const { rows } = await session().getKysely().executeQuery(pragma);
    return rows[0]?.synchronous;
  };

  test('commits to the disk where DURABILITY is normal, and only there', async () => {
    const seen: unknown[] = [];
    await inOurs(async () => {
      await durably(async () => {
        seen.push(await synchronous());
        addConnection();
      });
      seen.push(await synchronous());
    });
    expect(seen).toEqual([2, 1]);
    expect(await count()).toBe(1);
  });

  test('is refused inside another transaction, whose commit may be lost', async () => {
    await expect(inOurs(() => session.transactional(() => durably(async () => {})))).rejects.toThrow(
      ScopeInsideTransaction,
    );
  });
});

describe('A thousand scopes at once', () => {
  test('never see each other’s rows, entities or pending writes', async () => {
    const pause = () => delay(Math.random() * 3);
    const crossings: string[] = [];
    await Promise.all(
      Array.from({ length: 1_000 }, async (_one, number) => {
        const workspaceId = newId();
        await withSession(workspaceId, async () => {
          const mine = session();
          const { id } = addConnection({ workspaceId, slug: `c${number}`, name: `first ${number}` });
          await pause();
          await session.flush();
          await pause();
          const all = await session.find(Connection, {});
          await pause();
          if (all.length !== 1 || all[0]?.id !== id) crossings.push('rows');
          (await session.findOneOrFail(Connection, { slug: `c${number}` })).name = `second ${number}`;
          await pause();
          await session.flush();
          await session.nativeUpdate(Connection, {}, { width: number });
          await pause();
          const [fresh] = await session().fork().find(Connection, {});
          if (fresh?.width !== number || fresh.name !== `second ${number}`) crossings.push('writes');
          if (session() !== mine) crossings.push('session');
        });
      }),
    );
    expect(crossings).toEqual([]);
    expect(await count()).toBe(1_000);
  }, 60_000);
});
