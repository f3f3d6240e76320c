import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { WorkspaceCrossed } from '../../../src/db/errors.ts';
import { exchangePage, type ExchangeCursor, type ExchangeFilter } from '../../../src/db/queries/exchanges.ts';
import { grantBySlug, grantsOf } from '../../../src/db/queries/grants.ts';
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
      kind: 'call',
      connectionId: number < 10 ? connectionId : newId(),
      connectionSlug: 'partner',
      connectionName: 'Partner',
      generation: 1,
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
      responseBody: null,
      responseBodyId: null,
      timings: null,
      hops: [],
      attempts: 1,
      sentBy: null,
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
    [{ method: 'GET', status: '4xx', connectionId }, (number) => number === 2 || number === 8],
  ])('filters by %j', async (filter, belongs) => {
    const expected = Array.from({ length: total }, (_one, number) => number).filter(belongs).length;
    expect(await page(filter)).toHaveLength(expected);
  });

  test('keeps to the workspace', async () => {
    expect(await withSession(THEIRS, () => exchangePage(THEIRS, {}, null, 100))).toHaveLength(1);
    await expect(withSession(OURS, () => exchangePage(THEIRS, {}, null, 1))).rejects.toThrow(WorkspaceCrossed);
  });

  test('goes by the index, with and without a connection', async () => {
    const plan = async (where: string) => {
      const order = 'order by started_at desc, id desc limit 50';
      const rows = await withSystem(() =>
        session.execute<{ detail: string }[]>(`explain query plan select id from exchange where ${where} ${order}`),
      );
      return rows.map(({ detail }) => detail).join('; ');
    };
    for (const where of ["workspace_id = 'a'", "workspace_id = 'a' and connection_id = 'b'"]) {
      const after = `${where} and (started_at, id) < (1, 'c')`;
      expect(await plan(where)).toMatch(/^SEARCH exchange USING (COVERING )?INDEX [^;]*$/);
      expect(await plan(after)).toMatch(
        /^SEARCH exchange USING (COVERING )?INDEX [^;]*started_at<\?[^;]*$|\(started_at,id\)<\(\?,\?\)/,
      );
    }
  });
});
