import type { EntityManager } from '@mikro-orm/sqlite';

import { beforeEach, describe, expect, test } from '@jest/globals';
import { NoSession } from '../../src/db/errors.ts';
import { removeSession, session, withSession } from '../../src/db/session.ts';
import { Connection } from '../../src/model/connection.ts';
import { count, inOurs, kept, oneDatabase } from './one-database.ts';
import { addConnection, connectionFields, OURS } from './rows.ts';

const warnings: { scope?: string; entities?: string[] }[] = [];
const silent = () => {};
const logger = { debug: silent, info: silent, error: silent, warn: (facts: object) => void warnings.push(facts) };

const opened = oneDatabase({ logger });
beforeEach(() => void (warnings.length = 0));

describe('Without a scope', () => {
  test.each<[string, () => unknown]>([
    ['the session', () => session()],
    ['find', () => session.find(Connection, {})],
    ['removeSession', () => removeSession()],
    ['the ORM’s own find', () => opened().database.orm.em.find(Connection, {})],
    ['nativeUpdate', () => opened().database.orm.em.nativeUpdate(Connection, {}, { name: 'x' })],
    ['nativeDelete', () => opened().database.orm.em.nativeDelete(Connection, {})],
    ['begin', () => opened().database.orm.em.begin()],
    ['transactional', () => opened().database.orm.em.transactional(async () => {})],
    ['execute', () => (opened().database.orm.em as EntityManager).execute('select 1')],
    ['a query builder', () => (opened().database.orm.em as EntityManager).createQueryBuilder(Connection)],
    ['the connection itself', () => (opened().database.orm.em as EntityManager).getConnection().execute('select 1')],
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

  test('nothing is inherited from a transaction it was started in, once that is over', async () => {
    const over = Promise.withResolvers<void>();
    let later: Promise<number> = Promise.resolve(-1);
    await inOurs(() =>
      session.transactional(async () => {
        later = over.promise.then(() => inOurs(() => session.count(Connection)));
      }),
    );
    over.resolve();
    expect(await later).toBe(0);
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
