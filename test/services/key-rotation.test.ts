import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { SEALED_COLUMNS } from '../../src/db/queries/sealed-values.ts';
import { session } from '../../src/db/session.ts';
import { withSystem } from '../../src/db/system.ts';
import { systemRandom } from '../../src/kernel/ids.ts';
import { Connection } from '../../src/model/connection.ts';
import { Instance } from '../../src/model/instance.ts';
import { keyRing } from '../../src/secrets/keys.ts';
import { openVault } from '../../src/secrets/vault.ts';
import { KeyRotation } from '../../src/services/key-rotation.ts';
import { checkAppKey, noteAppKey } from '../../src/services/start-up.ts';
import { connectionFields, grantFields } from '../db/rows.ts';
import { openTestDatabase } from '../support/database.ts';
import { Grant } from '../../src/model/grant.ts';

const [OLD, NEW] = [randomBytes(32), randomBytes(32)];
const RINGS = { old: keyRing([OLD]), both: keyRing([NEW, OLD]), fresh: keyRing([NEW]) };
const kidOf = ({ primary }: typeof RINGS.old) => primary.kid;
const SECRET = '{"clientSecret":"of the partner"}';

/** A database with `count` connections whose secrets the old key has sealed, and a grant with three tokens each. */
async function openSealed(count: number) {
  const opened = await openTestDatabase();
  const old = openVault(RINGS.old, systemRandom);
  await withSystem(() => noteAppKey(RINGS.old));
  await withSystem(async () => {
    for (let index = 0; index < count; index += 1) {
      const fields = connectionFields({ slug: `partner-${index}` });
      const grant = grantFields(fields.id);
      const seal = (column: string) => old.seal(`${column} ${index}`, { table: 'grant', column, row: grant.id });
      const place = { table: 'connection', column: 'sealed_secrets', row: fields.id };
      await session.insert(Connection, { ...fields, sealedSecrets: old.seal(SECRET, place) });
      const tokens = {
        sealedAccessToken: seal('sealed_access_token'),
        sealedRefreshToken: seal('sealed_refresh_token'),
      };
      await session.insert(Grant, {
        ...grant,
        ...tokens,
        sealedPreviousRefreshToken: seal('sealed_previous_refresh_token'),
      });
    }
  });
  const { instances } = opened.database;
  const rotation = (keys = RINGS.both) => new KeyRotation({ keys, vault: openVault(keys, systemRandom), instances });
  /** What opens with the new key alone. */
  const opensAnew = () =>
    withSystem(async () => {
      const fresh = openVault(RINGS.fresh, systemRandom);
      const rows = await session.find(Connection, {}, { populate: ['sealedSecrets'], refresh: true });
      return rows.map(({ id, sealedSecrets }) =>
        fresh.open(sealedSecrets ?? '', { table: 'connection', column: 'sealed_secrets', row: id }),
      );
    });
  return { ...opened, rotation, opensAnew, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
}

describe('changing the key', () => {
  test('seals every value anew, after which the old key is needed for nothing', async () => {
    await using house = await openSealed(3);
    const rotation = house.rotation();

    const { values, broken } = await rotation.reseal(() => {});
    const unused = await rotation.forgetUnused();

    expect({ values, broken, unused }).toEqual({ values: 12, broken: [], unused: [kidOf(RINGS.old)] });
    expect(await rotation.uses()).toEqual([{ kid: kidOf(RINGS.fresh), values: 12 }]);
    expect(await house.opensAnew()).toEqual([SECRET, SECRET, SECRET]);
    await noteAppKey(RINGS.fresh);
    await expect(checkAppKey(RINGS.fresh)).resolves.toBeUndefined();
  });

  test('tells how far it has come, and goes on where it was cut off', async () => {
    await using house = await openSealed(600);
    const heard: number[] = [];
    const cutOff = house.rotation().reseal((values) => {
      heard.push(values);
      throw new Error('Cut off.');
    });
    await expect(cutOff).rejects.toThrow('Cut off.');
    expect(heard).toEqual([500]);
    await expect(checkAppKey(RINGS.fresh)).rejects.toThrow(kidOf(RINGS.old));

    const { values } = await house.rotation().reseal(() => {});

    expect(values).toBe(4 * 600 - 500);
    expect(new Set(await house.opensAnew())).toEqual(new Set([SECRET]));
  });

  test('leaves a value that was written meanwhile as it was written', async () => {
    await using house = await openSealed(1);
    const rotation = house.rotation();
    const fresh = openVault(RINGS.both, systemRandom);
    const [{ id } = { id: '' }] = await withSystem(() => session.find(Connection, {}, { fields: ['id'] }));
    const place = { table: 'connection', column: 'sealed_secrets', row: id };
    const written = fresh.seal('written meanwhile', place);
    const meddling = openVault(RINGS.both, systemRandom);
    const slow = new KeyRotation({
      keys: RINGS.both,
      instances: house.database.instances,
      vault: {
        open: (sealed, at) => meddling.open(sealed, at),
        seal: (secret, at) => {
          if (at.column === 'sealed_secrets')
            change(house.path, (database) => database.prepare('update connection set sealed_secrets = ?').run(written));
          return meddling.seal(secret, at);
        },
      },
    });

    await slow.reseal(() => {});

    expect(await house.opensAnew()).toEqual(['written meanwhile']);
    expect(await rotation.uses()).toEqual([{ kid: kidOf(RINGS.fresh), values: 4 }]);
  });

  test('names a value that opens with no key, leaves it, and keeps asking for its key', async () => {
    await using house = await openSealed(2);
    const bad = 'update connection set sealed_secrets = substr(sealed_secrets, 1, 40) || ? where slug = ?';
    change(house.path, (database) => database.prepare(bad).run('AAAA'.repeat(20), 'partner-1'));
    const rotation = house.rotation();

    const { values, broken } = await rotation.reseal(() => {});

    expect({ values, broken }).toEqual({
      values: 7,
      broken: [expect.stringMatching(/^connection\.sealed_secrets of [0-9a-f-]{36}$/)],
    });
    expect(await rotation.forgetUnused()).toEqual([]);
    await expect(checkAppKey(RINGS.fresh)).rejects.toThrow(kidOf(RINGS.old));
  });

  test('is refused while a process lives that seals with another key', async () => {
    await using house = await openSealed(1);
    const { self } = house.database.instances;
    const entered = { id: self, version: '0', pid: 4242, startedAt: new Date(), heartbeatAt: new Date() };
    await withSystem(() => session.insert(Instance, { ...entered, keyId: kidOf(RINGS.old) }));

    await expect(house.rotation().reseal(() => {})).rejects.toThrow('Process 4242 still seals with another key');

    expect(await house.rotation().uses()).toEqual([{ kid: kidOf(RINGS.old), values: 4 }]);
    await withSystem(() => session.nativeUpdate(Instance, { id: self }, { keyId: kidOf(RINGS.both) }));
    expect((await house.rotation().reseal(() => {})).values).toBe(4);
  });
});

describe('the list of sealed columns', () => {
  test('names every column of the schema that holds sealed values', async () => {
    await using house = await openTestDatabase();
    const columns = change(house.path, (database) =>
      database
        .prepare(
          `select t.name as "table", c.name as "column" from sqlite_master t, pragma_table_info(t.name) c
           where t.type = 'table' and c.name like 'sealed%'`,
        )
        .all(),
    );

    expect(new Set(columns)).toEqual(new Set(SEALED_COLUMNS.map((column) => ({ ...column }))));
  });
});

function change<T>(path: string, work: (database: Database.Database) => T): T {
  const database = new Database(path, { timeout: 5_000 });
  try {
    return work(database);
  } finally {
    database.close();
  }
}
