import { readdirSync, readFileSync } from 'node:fs';
import { MikroORM, SqliteDriver, type EntityManager } from '@mikro-orm/sqlite';
import { CompiledQuery } from 'kysely';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { session, withSession } from '../../../src/db/session.ts';
import { withSystem } from '../../../src/db/system.ts';
import { Connection } from '../../../src/model/connection.ts';
import { entities } from '../../../src/model/entities.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { addConnection, connectionFields, OURS } from '../rows.ts';

const sql = (text: string) => withSystem(() => session().getKysely().executeQuery(CompiledQuery.raw(text)));
const count = () => withSession(OURS, () => session.count(Connection));
const insert = (name = 'Partner') => withSession(OURS, () => session.insert(Connection, connectionFields({ name })));

/** MikroORM as it comes, on the same file. */
function openStock({ path }: TestDatabase) {
  return MikroORM.init({ entities, dbName: path, driver: SqliteDriver, ensureDatabase: false });
}

describe('When a commit fails', () => {
  test('the connection comes back, the first error is the one that is told, and the next query runs', async () => {
    await using opened = await openTestDatabase({ acquireTimeoutMs: 1_000 });
    await sql('create table parent (id integer primary key)');
    await sql('create table child (parent integer references parent (id) deferrable initially deferred)');
    expect(await opened.database.isReady()).toBe(true);

    for (let round = 0; round < 3; round += 1) {
      const work = withSystem(() => session.transactional(() => session.execute('insert into child values (1)')));
      await expect(work).rejects.toThrow('FOREIGN KEY constraint failed');
    }

    await insert();
    expect(await count()).toBe(1);
  });

  test('Kysely is of a version that gives the connection back, everywhere', () => {
    const folder = `${import.meta.dirname}/../../../node_modules`;
    const version = (path: string) => (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
    expect(version(`${folder}/kysely/package.json`)).toBe('0.29.9');
    const nested = readdirSync(`${folder}/@mikro-orm`).filter((name) =>
      readdirSync(`${folder}/@mikro-orm/${name}`).includes('node_modules'),
    );
    expect(nested).toEqual([]);
  });
});

describe('When the disk is full', () => {
  test('writes fail, reads go on, and both work once there is space again', async () => {
    await using opened = await openTestDatabase();
    const { rows } = await sql('pragma page_count');
    const pages = (rows[0] as { page_count: number }).page_count;
    await insert('before');
    await sql(`pragma max_page_count = ${pages}`);

    await expect(insert('x'.repeat(100_000))).rejects.toThrow('database or disk is full');
    await expect(
      withSession(OURS, async () => {
        addConnection({ name: 'y'.repeat(100_000) });
        await session.flush();
      }),
    ).rejects.toThrow('database or disk is full');
    expect(await count()).toBe(1);
    expect(await opened.database.isReady()).toBe(true);

    await sql('pragma max_page_count = 1000000');
    await insert('z'.repeat(100_000));
    expect(await count()).toBe(2);
  });
});

describe('MikroORM as it comes', () => {
  test('hangs on a query through another fork inside a transaction', async () => {
    await using opened = await openTestDatabase();
    const stock = await openStock(opened);
    const release = Promise.withResolvers<void>();
    const begun = stock.em.fork().transactional(async (em) => {
      const through = em.fork().count(Connection, {}, { filters: false });
      const first = await Promise.race([through.then(() => 'answered'), delay(300, 'hangs')]);
      void through.catch(() => {});
      release.resolve();
      return first;
    });
    expect(await begun).toBe('hangs');
    await stock.close(true);
  });

  test.each<[string, (em: EntityManager, entity: Connection) => void]>([
    ['a change', (_em, entity) => (entity.name = 'Changed too late')],
    ['a removal', (em, entity) => em.remove(entity)],
  ])('loses %s that is made at the wrong moment of a flush', async (_what, change) => {
    await using opened = await openTestDatabase();
    const stock = await openStock(opened);
    let lost = 0;
    for (let ticks = 6; ticks < 60; ticks += 6) {
      const em = stock.em.fork();
      const entity = em.create(Connection, connectionFields());
      await em.flush();
      entity.name = 'Changed in time';
      const flushing = em.flush();
      for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
      change(em, entity);
      await flushing;
      await em.flush();
      lost += await stock.em.fork().count(Connection, { id: entity.id, name: 'Changed in time' }, { filters: false });
    }
    await stock.close(true);
    expect(lost).toBeGreaterThan(0);
  });

  test('writes nothing when a flush whose commit failed is tried again', async () => {
    await using opened = await openTestDatabase();
    const stock = await openStock(opened);
    await sql('create table parent (id integer primary key)');
    await sql('create table child (parent integer references parent (id) deferrable initially deferred)');
    await sql('create trigger orphan after insert on connection begin insert into child values (1); end');
    const em = stock.em.fork();
    em.create(Connection, connectionFields());
    await expect(em.flush()).rejects.toThrow('FOREIGN KEY');
    await sql('drop trigger orphan');

    await em.flush();

    await stock.close(true);
    expect(await count()).toBe(0);
  });
});
