import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import Database from 'better-sqlite3';
import type { CompiledQuery } from 'kysely';
import { WorkspaceCrossed } from '../../../src/db/errors.ts';
import { exchangePage } from '../../../src/db/queries/exchanges.ts';
import { tables } from '../../../src/db/queries/named-query.ts';
import { exchangesOfSlug, formerConnections } from '../../../src/db/queries/recorded-connections.ts';
import { session, withSession } from '../../../src/db/session.ts';
import { withSystem } from '../../../src/db/system.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { addConnection, newId, OURS, THEIRS } from '../rows.ts';

const AT = Date.parse('2026-11-22T09:00:00.000Z');
/** Deleted; two had the same slug, one after the other, and the second of them another one later. */
const [first, second, stranger] = [newId(), newId(), newId()];

let opened: TestDatabase;
let settled: string;
beforeAll(async () => {
  opened = await openTestDatabase();
  await withSystem(async () => {
    settled = addConnection({ slug: 'settled', name: 'Settled' }).id;
    addConnection({ slug: 'quiet', name: 'Quiet' });
    await session.flush();
  });
  add(OURS, settled, 'wandering', 1);
  add(OURS, settled, 'settled', 2);
  add(OURS, first, 'twice', 3, 6, 9);
  add(OURS, second, 'twice', 4, 5, 8);
  add(OURS, second, 'thrice', 10);
  add(OURS, settled, 'twice', 7);
  add(OURS, null, null, 11);
  add(THEIRS, stranger, 'twice', 12);
});
afterAll(async () => opened[Symbol.asyncDispose]());

function add(workspaceId: string, connectionId: string | null, slug: string | null, ...seconds: number[]): void {
  const database = new Database(opened.path);
  const insert = database.prepare(
    `insert into exchange (id, workspace_id, kind, connection_id, connection_slug, connection_name, generation, method,
       url, request_headers, outcome, hops, attempts, instance_id, started_at)
     values (?, ?, 'call', ?, ?, ?, 0, 'GET', ?, '[]', 'answered', '[]', 1, '-', ?)`,
  );
  for (const second of seconds)
    insert.run(
      newId(),
      workspaceId,
      connectionId,
      slug,
      slug?.toUpperCase() ?? null,
      `/${second}`,
      AT + second * 1_000,
    );
  database.close();
}

const ours = <T>(work: () => Promise<T>) => withSession(OURS, work);

/** What the history shows of a slug, page by page, as seconds. */
async function shown(slug: string, limit = 2): Promise<number[]> {
  const seen: number[] = [];
  let cursor: Awaited<ReturnType<typeof exchangePage>>[number] | null = null;
  for (;;) {
    const page: Awaited<ReturnType<typeof exchangePage>> = await ours(async () =>
      exchangePage(OURS, await exchangesOfSlug(OURS, slug), cursor, limit),
    );
    if (page.length === 0) return seen;
    seen.push(...page.map(({ url }) => Number(url.slice(1))));
    cursor = page.at(-1) ?? null;
  }
}

describe('the exchanges of a slug', () => {
  test('are those of the connection that has it now, whatever it was called', async () => {
    expect(await shown('settled')).toEqual([7, 2, 1]);
    expect(await shown('quiet')).toEqual([]);
  });

  test('are, where none has it, those of deleted ones that were recorded under it, in the order of the history', async () => {
    expect(await shown('twice')).toEqual([9, 8, 6, 5, 4, 3]);
    expect(await shown('thrice')).toEqual([10]);
    expect(await shown('wandering')).toEqual([]);
    expect(await shown('nothing')).toEqual([]);
  });

  test('are given either way', async () => {
    const filter = await ours(() => exchangesOfSlug(OURS, 'twice'));
    const cursor = { startedAt: new Date(AT + 4_000), id: newId() };
    const newer = await ours(() => exchangePage(OURS, filter, cursor, 3, 'newer'));
    expect(newer.map(({ url }) => url)).toEqual(['/5', '/6', '/8']);
  });
});

describe('deleted connections', () => {
  test('are those that there are exchanges of, as the latest one calls them', async () => {
    expect(await ours(() => formerConnections(OURS))).toEqual([
      { slug: 'thrice', name: 'THRICE' },
      { slug: 'twice', name: 'TWICE' },
    ]);
  });
});

test('another workspace is out of reach', async () => {
  await expect(ours(() => exchangesOfSlug(THEIRS, 'twice'))).rejects.toThrow(WorkspaceCrossed);
  await expect(ours(() => formerConnections(THEIRS))).rejects.toThrow(WorkspaceCrossed);
});

test('a deleted connection takes one look into an index, however many exchanges it has', async () => {
  const asked = await ours(async () => {
    const asking = jest.spyOn(tables(), 'executeQuery');
    await exchangesOfSlug(OURS, 'twice');
    await formerConnections(OURS);
    const queries = asking.mock.calls.map(([query]) => query as CompiledQuery);
    asking.mockRestore();
    return queries;
  });
  const database = new Database(opened.path, { readonly: true });
  const plans = asked.map(({ sql, parameters }) => {
    const rows = database.prepare(`explain query plan ${sql}`).all(...parameters) as { detail: string }[];
    return rows.map(({ detail }) => detail).filter((detail) => detail.includes(' exchange '));
  });
  database.close();

  const search = 'SEARCH exchange USING COVERING INDEX';
  expect(plans).toEqual([
    [],
    [`${search} exchange_connection_slug_index (workspace_id=? AND connection_slug=? AND connection_id>?)`],
    [
      `${search} exchange_workspace_id_connection_id_started_at_id_index (workspace_id=? AND connection_id>?)`,
      'SEARCH exchange USING INDEX sqlite_autoindex_exchange_1 (id=?)',
    ],
  ]);
});
