import { describe, expect, test } from '@jest/globals';
import { FlushOverlap, SessionFailed } from '../../src/db/errors.ts';
import { removeSession, session, withSession } from '../../src/db/session.ts';
import { Connection } from '../../src/model/connection.ts';
import { count, inOurs, kept, oneDatabase } from './one-database.ts';
import { addConnection, OURS } from './rows.ts';

const silent = () => {};

oneDatabase();

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
