import { raw } from '@mikro-orm/core';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SqlitePlatform } from '@mikro-orm/sqlite';
import { session } from '../../../src/db/session.ts';
import { bindQuery } from '../../../src/db/sqlite/parameters.ts';
import { withSystem } from '../../../src/db/system.ts';
import { Connection } from '../../../src/model/connection.ts';
import { Meta } from '../../../src/model/meta.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { connectionFields } from '../rows.ts';

const platform = new SqlitePlatform();
const at = new Date(1_700_000_000_000);

describe('A query of MikroORM', () => {
  test.each<[string, unknown[], string, unknown[]]>([
    ['select ?', [1], 'select ?', [1]],
    ['?', ['x'], '?', ['x']],
    ['select ?? from ??', ['a.b', 'grant'], 'select `a`.`b` from `grant`', []],
    ['a = ? and b \\? c = ?', [1, 2], 'a = ? and b ? c = ?', [1, 2]],
    ['a in (?)', [[1, 'two', null]], 'a in (?, ?, ?)', [1, 'two', null]],
    ['a = ?', [raw('lower(?)', ['X'])], 'a = lower(?)', ['X']],
    ['a = ?', [{ b: 1 }], 'a = ?', ['{"b":1}']],
    ['a = ?', [at], 'a = ?', [at]],
    ['a = ?', [undefined], 'a = ?', [null]],
    ["a = 'what \\?'", [], "a = 'what \\?'", []],
    ['a = ? -- $& $1', ['$&'], 'a = ? -- $& $1', ['$&']],
  ])('%s with %j travels as text and values', (sql, params, text, values) => {
    expect(bindQuery(sql, params, platform)).toEqual({ sql: text, parameters: values });
  });

  test('of more values than SQLite takes is written out, as MikroORM does', () => {
    const many = Array.from({ length: 40_000 }, (_one, number) => number);
    const { sql, parameters } = bindQuery('a in (?)', [many], platform);
    expect(parameters).toEqual([]);
    expect(sql).toBe(platform.formatQuery('a in (?)', [many]));
  });
});

describe('On the engine', () => {
  let opened: TestDatabase;
  beforeAll(async () => {
    opened = await openTestDatabase();
  });
  afterAll(async () => opened[Symbol.asyncDispose]());

  test.each<[unknown, unknown]>([
    ['it’s ? and ?? and \\?', 'it’s ? and ?? and \\?'],
    [5, 5],
    [0.5, 0.5],
    [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    [true, 1],
    [null, null],
    [at, at.getTime()],
    [Buffer.from([0, 255]), Buffer.from([0, 255])],
  ])('%p comes back as %p', async (value, back) => {
    const [row] = await withSystem(() => session.execute<{ v: unknown }[]>('select ? as v', [value]));
    expect(row?.v).toEqual(back);
  });

  test('a whole number stays one, also in a column of text', async () => {
    const [row] = await withSystem(() => session.execute<{ v: string }[]>("select typeof(?) || '' || ? as v", [5, 5]));
    expect(row?.v).toBe('integer5');
  });

  test('named values and a name in the text work', async () => {
    const rows = await withSystem(() => session.execute('select :v as ??', { v: 1 }).catch((error: unknown) => error));
    expect(rows).toBeInstanceOf(Error);
    expect(await withSystem(() => session.execute('select :v as :name:', { v: 1, name: 'n' }))).toEqual([{ n: 1 }]);
  });

  test('a failed insert tells no value', async () => {
    const insert = () => withSystem(() => session.insert(Meta, { key: 'k', value: 'canary-7d1f' }));
    await insert();
    const error: unknown = await insert().catch((reason: unknown) => reason);
    expect(String(error)).toMatch(/UNIQUE constraint failed: meta.key/);
    expect(String(error)).not.toContain('canary-7d1f');
  });

  test('an aborted query is refused, and the next one runs', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(withSystem(() => session.find(Connection, {}, { signal }))).rejects.toThrow(/enough|abort/i);
    await withSystem(() => session.insert(Connection, connectionFields()));
    expect(await withSystem(() => session.count(Connection))).toBe(1);
  });
});
