import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import type { DatabaseOptions } from '../../src/db/orm.ts';
import { session, withSession } from '../../src/db/session.ts';
import { withSystem } from '../../src/db/system.ts';
import { Connection } from '../../src/model/connection.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { addConnection, OURS } from './rows.ts';

/** Opens one database for the tests of a file, each of which finds it without connections; gives the way to it. */
export function oneDatabase(options: Pick<DatabaseOptions, 'logger'> = {}): () => TestDatabase {
  let opened: TestDatabase;
  beforeAll(async () => {
    opened = await openTestDatabase(options);
  });
  afterAll(async () => opened[Symbol.asyncDispose]());
  beforeEach(async () => {
    await withSystem(() => session.nativeDelete(Connection, {}));
  });
  return () => opened;
}

/** Work in a scope of ours, which errors call `request 42`. */
export function inOurs<T>(work: () => Promise<T>): Promise<T> {
  return withSession(OURS, work, { label: 'request 42' });
}

/** How many connections there are, of all workspaces. */
export function count(): Promise<number> {
  return withSystem(() => session.count(Connection));
}

/** Keeps a connection of ours; gives its id. */
export function kept(): Promise<string> {
  return inOurs(async () => {
    const connection = addConnection();
    await session.flush();
    return connection.id;
  });
}

/** A promise and the means to settle it. */
export function gate() {
  return Promise.withResolvers<void>();
}
