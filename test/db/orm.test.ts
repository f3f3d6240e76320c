import { describe, expect, test } from '@jest/globals';
import { withSystem } from '../../src/db/system.ts';
import { openTestDatabase } from '../support/database.ts';

describe('A fresh database', () => {
  test('has the schema that the entities ask for', async () => {
    await using opened = await openTestDatabase();

    const differs = await withSystem(() => opened.database.orm.migrator.checkSchema());

    expect(differs).toBe(false);
  });

  test('is ready, and has nothing left to migrate', async () => {
    await using opened = await openTestDatabase();

    expect(await opened.database.isReady()).toBe(true);
    expect(await opened.database.migrate()).toEqual({ applied: [] });
  });
});
