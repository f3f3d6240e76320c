import { setTimeout as delay } from 'node:timers/promises';
import { CompiledQuery } from 'kysely';
import { describe, expect, test } from '@jest/globals';
import { CallInsideTransaction, QueryOutsideTransaction, ScopeInsideTransaction } from '../../src/db/errors.ts';
import { durably, refuseIfInTransaction, session, withSession } from '../../src/db/session.ts';
import { withSystem } from '../../src/db/system.ts';
import { Connection } from '../../src/model/connection.ts';
import { count, gate, inOurs, oneDatabase } from './one-database.ts';
import { addConnection, connectionFields, newId, OURS } from './rows.ts';

oneDatabase();

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
    expect(performance.now() - start).toBeLessThan(2_000);
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
