import { describe, expect, test } from '@jest/globals';
import { CompiledQuery } from 'kysely';
import { redoably, session } from '../../../src/db/session.ts';
import { withSystem } from '../../../src/db/system.ts';
import { openTestDatabase } from '../../support/database.ts';

describe('The connection’s settings', () => {
  test('are those of the reliability page', async () => {
    await using opened = await openTestDatabase({ durability: 'full' });
    expect(await opened.database.isReady()).toBe(true);
    const pragma = async (name: string) => {
      const query = CompiledQuery.raw(`pragma ${name}`) as CompiledQuery<Record<string, unknown>>;
      const { rows } = await withSystem(() => session().getKysely().executeQuery(query));
      return Object.values(rows[0] ?? {})[0];
    };
    const names = ['synchronous', 'foreign_keys', 'journal_size_limit', 'wal_autocheckpoint', 'temp_store'];
    const values = await Promise.all([...names, 'trusted_schema', 'busy_timeout'].map(pragma));
    expect(values).toEqual([2, 1, 64 * 1024 * 1024, 16 * 1024, 2, 0, 0]);
  });

  test('what is done again after a power cut waits for no disk, and nobody after it does without', async () => {
    await using opened = await openTestDatabase({ durability: 'full' });
    expect(await opened.database.isReady()).toBe(true);
    const synchronous = async () => {
      const pragma = CompiledQuery.raw('pragma synchronous') as CompiledQuery<{ synchronous: number }>;
      return (await session().getKysely().executeQuery(pragma)).rows[0]?.synchronous;
    };
    const seen = await withSystem(async () => [
      await redoably(synchronous),
      await session.transactional(synchronous),
      await synchronous(),
      await redoably(() => Promise.reject(new Error('planted'))).catch(synchronous),
    ]);
    expect(seen).toEqual([1, 2, 2, 2]);
  });
});
