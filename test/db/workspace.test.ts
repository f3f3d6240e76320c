import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { WorkspaceCrossed } from '../../src/db/errors.ts';
import { session, withSession } from '../../src/db/session.ts';
import { withSystem } from '../../src/db/system.ts';
import { Connection } from '../../src/model/connection.ts';
import { Membership } from '../../src/model/membership.ts';
import { Workspace } from '../../src/model/workspace.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { addConnection, connectionFields, newId, OURS, THEIRS } from './rows.ts';

let opened: TestDatabase;
let ours: string;
let theirs: string;
beforeAll(async () => {
  opened = await openTestDatabase();
});
afterAll(async () => opened[Symbol.asyncDispose]());
beforeEach(async () => {
  await withSystem(async () => {
    await session.nativeDelete(Connection, {});
    ours = addConnection({ slug: 'ours' }).id;
    theirs = addConnection({ workspaceId: THEIRS, slug: 'theirs' }).id;
    await session.flush();
  });
});

const inOurs = <T>(work: () => Promise<T>) => withSession(OURS, work);
const all = () => withSystem(() => session.find(Connection, {}, { orderBy: { slug: 'asc' } }));
const untouched = async () => {
  const rows = await all();
  expect(rows.map(({ slug, name, workspaceId }) => ({ slug, name, workspaceId }))).toEqual([
    { slug: 'ours', name: 'Partner', workspaceId: OURS },
    { slug: 'theirs', name: 'Partner', workspaceId: THEIRS },
  ]);
};

describe('A session bound to a workspace', () => {
  test('finds, counts and refreshes its own rows only', async () => {
    await inOurs(async () => {
      expect((await session.find(Connection, {})).map(({ id }) => id)).toEqual([ours]);
      expect(await session.findOne(Connection, { id: theirs })).toBeNull();
      expect(await session.findOne(Connection, theirs)).toBeNull();
      expect(await session.count(Connection)).toBe(1);
      expect(await session.find(Connection, { $or: [{ id: theirs }, { workspaceId: THEIRS }] })).toEqual([]);
      expect(await session.refresh(session.getReference(Connection, theirs))).toBeNull();
    });
  });

  test('does so inside a transaction and through a fork', async () => {
    await inOurs(async () => {
      expect(await session.transactional(() => session.findOne(Connection, { id: theirs }))).toBeNull();
      expect(await session().fork().findOne(Connection, { id: theirs })).toBeNull();
    });
  });

  test('cannot change or delete foreign rows natively', async () => {
    await inOurs(async () => {
      expect(await session.nativeUpdate(Connection, { id: theirs }, { name: 'Taken' })).toBe(0);
      expect(await session.nativeDelete(Connection, { id: theirs })).toBe(0);
    });
    await untouched();
  });

  test.each<[string, () => Promise<unknown>]>([
    ['a new foreign row', async () => addConnection({ workspaceId: THEIRS })],
    ['a row that says nothing', async () => session.create(Connection, { ...connectionFields(), workspaceId: '' })],
    ['a reference’s change', async () => (session.getReference(Connection, theirs).name = 'Taken')],
    ['a reference’s removal', async () => session.remove(session.getReference(Connection, theirs))],
    [
      'a reference called ours',
      async () => session.assign(session.getReference(Connection, theirs), { workspaceId: OURS }),
    ],
    ['giving a row away', async () => ((await session.findOneOrFail(Connection, ours)).workspaceId = THEIRS)],
  ])('refuses to flush %s', async (_what, change) => {
    await expect(
      inOurs(async () => {
        await change();
        await session.flush();
      }),
    ).rejects.toThrow(WorkspaceCrossed);
    await expect(inOurs(() => session.transactional(async () => void (await change())))).rejects.toThrow(
      WorkspaceCrossed,
    );
    await untouched();
  });

  test.each<[string, () => unknown]>([
    ['upsert', () => session.upsert(Connection, { ...connectionFields(), id: theirs })],
    ['upsertMany', () => session.upsertMany(Connection, [{ ...connectionFields(), id: theirs }])],
    ['createQueryBuilder', () => session.createQueryBuilder(Connection)],
    ['qb', () => session.qb(Connection)],
    ['execute', () => session.execute('select * from connection')],
    ['merge', () => session.merge(Connection, { ...connectionFields(), id: theirs })],
    ['stream', () => session.stream(Connection)],
    ['an own filter', () => session.addFilter({ name: 'workspace', cond: {} })],
    ['filters: false', () => session.find(Connection, {}, { filters: false })],
    ['the filter off', () => session.find(Connection, {}, { filters: { workspace: false } })],
    [
      'other filter arguments',
      () => session.count(Connection, {}, { filters: { workspace: { workspaceId: THEIRS } } }),
    ],
    ['an insert elsewhere', () => session.insert(Connection, connectionFields({ workspaceId: THEIRS }))],
    ['many inserts elsewhere', () => session.insertMany(Connection, [connectionFields({ workspaceId: THEIRS })])],
    ['an update to elsewhere', () => session.nativeUpdate(Connection, { id: ours }, { workspaceId: THEIRS })],
  ])('refuses %s', async (_what, use) => {
    await expect(inOurs(async () => use())).rejects.toThrow(WorkspaceCrossed);
    await untouched();
  });

  test('cannot be turned to another workspace by its filter’s parameters', async () => {
    const found = await inOurs(async () => {
      session.setFilterParams('workspace', { workspaceId: THEIRS });
      return session.find(Connection, {});
    });
    expect(found.map(({ id }) => id)).toEqual([ours]);
  });

  test('sees only the memberships of its workspace', async () => {
    const member = (workspaceId: string) => ({
      id: newId(),
      userId: newId(),
      role: 'owner' as const,
      createdAt: new Date(),
      workspaceId,
    });
    await withSystem(() => session.insertMany(Membership, [member(OURS), member(THEIRS)]));
    expect(await inOurs(() => session.count(Membership))).toBe(1);
    expect(await withSystem(() => session.count(Membership))).toBe(2);
  });

  test('needs a workspace', async () => {
    await expect(withSession('', async () => {})).rejects.toThrow(TypeError);
  });
});

describe('A system session', () => {
  test('sees and writes every workspace', async () => {
    await withSystem(async () => {
      expect(await session.count(Connection)).toBe(2);
      (await session.findOneOrFail(Connection, { id: theirs })).name = 'Seen';
      await session.flush();
      expect(await session.nativeUpdate(Connection, {}, { name: 'Both' })).toBe(2);
      await session.insert(Workspace, { id: newId(), slug: newId(), name: 'One', createdAt: new Date() });
    });
  });
});

describe('Without our EntityManager', () => {
  test('the same reference’s change goes through: MikroORM’s own flush does not look', async () => {
    const { SqliteDriver, MikroORM } = await import('@mikro-orm/sqlite');
    const { entities } = await import('../../src/model/entities.ts');
    const stock = await MikroORM.init({ entities, dbName: opened.path, driver: SqliteDriver, ensureDatabase: false });
    try {
      const em = stock.em.fork();
      em.setFilterParams('workspace', { workspaceId: OURS });
      em.getReference(Connection, theirs).name = 'Taken';
      await em.flush();
    } finally {
      await stock.close(true);
    }
    expect((await all()).map(({ name }) => name)).toEqual(['Partner', 'Taken']);
  });
});
