import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { WorkspaceCrossed } from '../../../src/db/errors.ts';
import { matching } from '../../../src/db/queries/exchange-filter.ts';
import {
  allowedAmong,
  exchangePage,
  type ExchangeCursor,
  type ExchangeFilter,
  exchangeRecords,
} from '../../../src/db/queries/exchanges.ts';
import { grantBySlug, grantsOf } from '../../../src/db/queries/grants.ts';
import { tables } from '../../../src/db/queries/named-query.ts';
import { findSignIn } from '../../../src/db/queries/sign-ins.ts';
import { session, withSession } from '../../../src/db/session.ts';
import { withSystem } from '../../../src/db/system.ts';
import { Exchange } from '../../../src/model/exchange.ts';
import { Grant } from '../../../src/model/grant.ts';
import { Membership } from '../../../src/model/membership.ts';
import { SignIn } from '../../../src/model/sign-in.ts';
import { User } from '../../../src/model/user.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { addConnection, addGrant, newId, OURS, THEIRS } from '../rows.ts';

let opened: TestDatabase;
beforeAll(async () => {
  opened = await openTestDatabase();
});
afterAll(async () => opened[Symbol.asyncDispose]());

const NO_TIMINGS = { wait: 1, dns: 1, connect: 1, tls: 1, send: 1, firstByte: 1, receive: 1 };
const at = new Date('2026-11-22T09:00:00.000Z');

describe('findSignIn()', () => {
  const hash = 'a'.repeat(64);
  const userId = newId();
  const signInId = newId();
  beforeAll(() =>
    withSystem(async () => {
      session.create(User, { id: userId, email: 'owner@example.org', passwordHash: '-', createdAt: at });
      const kept = { id: newId(), userId, createdAt: at };
      session.create(Membership, { ...kept, workspaceId: OURS, role: 'editor' });
      session.create(Membership, { ...kept, id: newId(), workspaceId: THEIRS, role: 'owner' });
      const machine = { address: '127.0.0.1', userAgent: '-', lastSeenAt: at, expiresAt: at };
      session.create(SignIn, { ...kept, ...machine, id: signInId, workspaceId: OURS, tokenHash: hash });
      session.create(SignIn, { ...kept, ...machine, id: newId(), workspaceId: newId(), tokenHash: 'b'.repeat(64) });
      await session.flush();
    }),
  );

  test('tells who it is and what they may do there', async () => {
    expect(await withSystem(() => findSignIn(hash))).toEqual({
      signInId,
      userId,
      email: 'owner@example.org',
      workspaceId: OURS,
      role: 'editor',
      createdAt: at,
      lastSeenAt: at,
      expiresAt: at,
    });
  });

  test('is null for an unknown cookie and for a person who is no member any more', async () => {
    expect(await withSystem(() => findSignIn('c'.repeat(64)))).toBeNull();
    expect(await withSystem(() => findSignIn('b'.repeat(64)))).toBeNull();
  });
});

describe('grantBySlug() and grantsOf()', () => {
  beforeAll(() =>
    withSystem(async () => {
      addGrant(addConnection({ slug: 'partner', name: 'Zed' }).id);
      addGrant(addConnection({ slug: 'other', name: 'Alpha' }).id);
      addGrant(addConnection({ slug: 'partner', workspaceId: THEIRS }).id, THEIRS);
      await session.flush();
    }),
  );

  test('tell all that is no secret, with times as dates', async () => {
    const grant = await withSession(OURS, () => grantBySlug(OURS, 'partner'));
    expect(grant).toMatchObject({
      workspaceId: OURS,
      slug: 'partner',
      name: 'Zed',
      auth: { type: 'none' },
      keepAlive: false,
      state: 'held',
      generation: 7,
      fence: 3,
      leaseUntil: null,
      hasAccessToken: true,
      hasRefreshToken: false,
      obtainedAt: new Date('2026-11-22T10:00:00.000Z'),
      expiresAt: new Date('2026-11-22T11:00:00.000Z'),
    });
    expect(JSON.stringify(grant)).not.toContain('sealed');
  });

  test('keep to the workspace', async () => {
    const found = await withSession(OURS, () => grantsOf(OURS));
    expect(found.map(({ name }) => name)).toEqual(['Alpha', 'Zed']);
    expect(await withSession(OURS, () => grantBySlug(OURS, 'nothing'))).toBeNull();
    await expect(withSession(OURS, () => grantBySlug(THEIRS, 'partner'))).rejects.toThrow(WorkspaceCrossed);
    await expect(withSession(OURS, () => grantsOf(THEIRS))).rejects.toThrow(WorkspaceCrossed);
    expect(await withSystem(() => grantsOf(THEIRS))).toHaveLength(1);
  });

  test('see what the transaction around them has written', async () => {
    const state = await withSession(OURS, () =>
      session.transactional(async () => {
        await session.nativeUpdate(Grant, {}, { state: 'ambiguous' });
        return (await grantBySlug(OURS, 'partner'))?.state;
      }),
    );
    expect(state).toBe('ambiguous');
  });
});

describe('exchangePage()', () => {
  const connectionId = newId();
  const total = 25;
  beforeAll(() =>
    withSystem(async () => {
      for (let number = 0; number < total; number += 1) addExchange(OURS, number);
      addExchange(THEIRS, 0);
      await session.flush();
    }),
  );

  function addExchange(workspaceId: string, number: number): void {
    const answered = number % 5 !== 0;
    session.create(Exchange, {
      id: newId(),
      workspaceId,
      kind: number === 24 ? 'token' : 'call',
      connectionId: number < 10 ? connectionId : newId(),
      connectionSlug: `partner-${number % 4}`,
      connectionName: 'Partner',
      generation: number % 7,
      method: number % 2 ? 'POST' : 'GET',
      url: `https://api.partner.example/orders/${number}`,
      requestHeaders: [],
      requestBody: null,
      requestBodyId: null,
      outcome: answered ? 'answered' : 'failed',
      reason: answered ? null : 'timeout',
      detail: null,
      status: answered ? 200 + (number % 3) * 100 : null,
      responseHeaders: null,
      responseBody: answered ? { bytes: number * 100, sha256: '', wireBytes: 9, truncated: false } : null,
      responseBodyId: null,
      timings: number === 0 ? null : { ...NO_TIMINGS, total: number * 10 },
      hops: [],
      attempts: 1,
      sentBy: number % 3 === 0 ? 'someone@example.org' : null,
      instanceId: newId(),
      // Pairs share a moment, so that the id has to break the tie.
      startedAt: new Date(at.getTime() + Math.floor(number / 2) * 1_000),
      finishedAt: at,
    });
  }

  const page = (filter: ExchangeFilter, cursor: ExchangeCursor | null = null, limit = 100) =>
    withSession(OURS, () => exchangePage(OURS, filter, cursor, limit));

  test('walks the history newest first, each line once', async () => {
    const seen: string[] = [];
    let cursor: ExchangeCursor | null = null;
    for (;;) {
      const lines: Awaited<ReturnType<typeof page>> = await page({}, cursor, 4);
      seen.push(...lines.map(({ url }) => url));
      cursor = lines.at(-1) ?? null;
      if (!cursor) break;
    }
    const newestFirst = Array.from({ length: total }, (_one, back) => total - 1 - back);
    expect(seen).toEqual(newestFirst.map((number) => `https://api.partner.example/orders/${number}`));
  });

  test.each<[ExchangeFilter, (number: number) => boolean]>([
    [{ connectionId }, (number) => number < 10],
    [{ method: 'POST' }, (number) => number % 2 === 1],
    [{ outcome: 'failed' }, (number) => number % 5 === 0],
    [{ status: 200 }, (number) => number % 5 !== 0 && number % 3 === 0],
    [{ status: '3xx' }, (number) => number % 5 !== 0 && number % 3 === 1],
    [{ connectionSlug: 'partner-1' }, (number) => number % 4 === 1],
    [{ connectionSlug: 'partner-1', connectionIds: [connectionId] }, (number) => number < 10 && number % 4 === 1],
    [{ connectionIds: [] }, () => false],
    [{ kind: 'token' }, (number) => number === 24],
    [{ generation: 3 }, (number) => number % 7 === 3],
    [{ sentBy: 'someone@example.org' }, (number) => number % 3 === 0],
    [{ sentBy: 'Someone@example.org' }, () => false],
    [{ minMs: 60 }, (number) => number >= 6],
    [{ minMs: 60.5 }, (number) => number >= 7],
    [{ minBytes: 1_000 }, (number) => number % 5 !== 0 && number >= 10],
    [{ since: new Date(at.getTime() + 3_000) }, (number) => number >= 6],
    [{ until: new Date(at.getTime() + 3_000) }, (number) => number < 6],
    [{ since: at, until: at }, () => false],
    [{ settled: true }, () => true],
    [{ outcome: 'pending' }, () => false],
    // Their times are long past, and their ids are new.
    [{ recordedBefore: at }, () => false],
    [{ recordedBefore: new Date(8e12) }, () => true],
    [{ method: 'GET', status: '4xx', connectionId }, (number) => number === 2 || number === 8],
  ])('filters by %j', async (filter, belongs) => {
    const expected = Array.from({ length: total }, (_one, number) => number).filter(belongs).length;
    expect(await page(filter)).toHaveLength(expected);
  });

  test('keeps to the workspace', async () => {
    expect(await withSession(THEIRS, () => exchangePage(THEIRS, {}, null, 100))).toHaveLength(1);
    await expect(withSession(OURS, () => exchangePage(THEIRS, {}, null, 1))).rejects.toThrow(WorkspaceCrossed);
  });

  test.each<[string, ExchangeFilter]>([
    ['nothing', {}],
    ['a connection', { connectionId }],
    ['a slug of a deleted connection', { connectionSlug: 'partner', connectionId }],
    ['what no index holds', { minMs: 1, minBytes: 1, sentBy: 'x', status: '4xx', kind: 'call' }],
    ['a time', { since: at, until: new Date(at.getTime() + 5_000) }],
    ['what was on record by then', { settled: true, recordedBefore: at }],
  ])('goes by an index in its order where it is asked for %s', async (_what, filter) => {
    const plan = async (cursor: ExchangeCursor | null) => {
      const { sql, parameters } = await withSession(OURS, () =>
        Promise.resolve(
          matching(tables().selectFrom('exchange').select('url'), OURS, filter, cursor, 'older').compile(),
        ),
      );
      const database = new Database(opened.path, { readonly: true });
      const rows = database.prepare(`explain query plan ${sql}`).all(...parameters) as { detail: string }[];
      database.close();
      return rows.map(({ detail }) => detail).join('; ');
    };

    const index = filter.connectionSlug
      ? 'connection_slug_index'
      : `workspace_id_${filter.connectionId ? 'connection_id' : 'started_at'}_`;
    const search = new RegExp(`^SEARCH exchange USING INDEX exchange_${index}[^;]*$`);
    expect(await plan(null)).toMatch(search);
    expect(await plan({ startedAt: at, id: newId() })).toMatch(search);
    expect(await plan({ startedAt: at, id: newId() })).toMatch(/started_at/);
  });

  test.each<[string, ExchangeFilter]>([
    ['nothing', {}],
    ['a connection', { connectionSlug: 'partner-1', connectionId }],
    ['several connections', { connectionSlug: 'partner-1', connectionIds: [connectionId] }],
    ['an outcome', { outcome: 'failed' }],
    ['a time', { since: at, until: at }],
    ['a pin', { pinned: true }],
    ['no pin', { pinned: false }],
    ['what is pending', { outcome: 'pending', settled: true, recordedBefore: at }],
  ])('looks ids up one by one, whatever else is asked for: %s', async (_what, filter) => {
    const { sql, parameters } = await withSession(OURS, () => Promise.resolve(allowedAmong(OURS, filter)));
    const database = new Database(opened.path, { readonly: true });
    const rows = database.prepare(`explain query plan ${sql}`).all(...parameters, '[]') as { detail: string }[];
    database.close();
    expect(rows[0]?.detail).toBe('SEARCH exchange USING INDEX sqlite_autoindex_exchange_1 (id=?)');
  });

  test.each<[string, ExchangeFilter, (number: number) => boolean]>([
    ['an outcome', { outcome: 'failed' }, (number) => number % 5 === 0],
    ['a time', { since: new Date(at.getTime() + 3_000) }, (number) => number >= 6],
    [
      'a status',
      { status: '3xx', generation: 3 },
      (number) => number % 5 !== 0 && number % 3 === 1 && number % 7 === 3,
    ],
  ])('lets those of some ids through that fit: %s', async (_what, filter, belongs) => {
    const all = await page({});
    const expected = Array.from({ length: total }, (_one, number) => number).filter(belongs).length;
    expect(await page({ ...filter, ids: all.map(({ id }) => id) })).toHaveLength(expected);
    expect(await page({ ...filter, ids: [] })).toHaveLength(0);
  });

  test('looks pinned ones up one by one, however many others there are', async () => {
    const { sql, parameters } = await withSession(OURS, () =>
      Promise.resolve(
        matching(tables().selectFrom('exchange').select('url'), OURS, { pinned: true }, null, 'older').compile(),
      ),
    );
    const database = new Database(opened.path, { readonly: true });
    const rows = database.prepare(`explain query plan ${sql}`).all(...parameters) as { detail: string }[];
    database.close();
    expect(rows[0]?.detail).toBe('SEARCH exchange USING INDEX sqlite_autoindex_exchange_1 (id=?)');
  });

  test('looks pending ones up by the index of those, however many others there are', async () => {
    const filter = { outcome: 'pending', connectionId, recordedBefore: at } as const;
    const { sql, parameters } = await withSession(OURS, () =>
      Promise.resolve(matching(tables().selectFrom('exchange').select('url'), OURS, filter, null, 'older').compile()),
    );
    const database = new Database(opened.path, { readonly: true });
    const rows = database.prepare(`explain query plan ${sql}`).all(...parameters) as { detail: string }[];
    database.close();
    expect(rows[0]?.detail).toBe('SEARCH exchange USING INDEX exchange_outcome_instance_id_index (outcome=?)');
  });

  test('gives everything that is on record of each, where that is asked for', async () => {
    const [newest] = await withSession(OURS, () => exchangeRecords(OURS, {}, null, 1));
    const known = await withSession(OURS, () => session.findOneOrFail(Exchange, { id: newest?.id ?? '' }));

    const { workspaceId: _ours, instanceId, ...shown } = { ...known };
    expect(newest).toMatchObject({ ...shown });
    expect(Object.keys(newest ?? {}).toSorted()).toEqual([...Object.keys(shown), 'pinNote', 'slugNow'].toSorted());
    expect([instanceId, newest?.requestBodyId, newest?.responseBodyId]).toEqual([expect.any(String), null, null]);
    await expect(withSession(OURS, () => exchangeRecords(THEIRS, {}, null, 1))).rejects.toThrow(WorkspaceCrossed);
  });
});
