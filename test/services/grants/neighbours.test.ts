import { describe, expect, test } from '@jest/globals';
import type { Client } from '../../support/client.ts';
import { hold } from '../../support/provider.ts';
import { endToken, openPair, type Pair } from './pair.ts';

const attempts = ({ database }: Pair) =>
  database.prepare('select state, outcome, sealed_tokens is not null as keeps from refresh_attempt order by id').all();

describe('a neighbour that stands still in the middle of a renewal', () => {
  test('is waited for, then overtaken, and changes nothing when it goes on', async () => {
    await using pair = await openPair({ graceSeconds: 600 });
    const [here, there] = pair.browsers as [Client, Client];
    await here.told(pair.slug);
    const held = hold('answer');
    pair.provider.next(held.fault);
    const renewal = here.postJson('/_token_refresh', { connection: pair.slug });
    await held.reached;
    process.kill(pair.first.pid, 'SIGSTOP');

    expect(await there.told(pair.slug)).toMatchObject({ state: 'refreshing', generation: 2, nextCheckIn: 2 });
    endToken(pair);
    const late = await there.get(`/_token_refresh?connection=${pair.slug}`, { accept: 'application/json' });
    expect([late.status, late.json()['type']]).toEqual([503, '/problems/refreshing']);
    expect(Number(late.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(pair.provider.asked.total).toBe(2);

    pair.database.prepare('update "grant" set lease_until = ?').run(Date.now() - 1);
    expect(await there.told(pair.slug)).toMatchObject({ state: 'fresh', generation: 3 });
    const before = pair.database.prepare('select * from "grant"').get();
    held.release();
    await new Promise(setImmediate);
    process.kill(pair.first.pid, 'SIGCONT');
    expect((await renewal).json()).toMatchObject({ state: 'fresh', generation: 3 });

    expect(pair.database.prepare('select * from "grant"').get()).toEqual(before);
    expect(attempts(pair)).toEqual([
      { state: 'done', outcome: 'granted', keeps: 0 },
      { state: 'done', outcome: 'overtaken', keeps: 1 },
      { state: 'done', outcome: 'granted', keeps: 0 },
    ]);
    while (!pair.first.printed().includes('They are kept on the attempt')) await new Promise(setImmediate);
    expect(pair.provider.asked).toMatchObject({ total: 3, doubleSpends: 0 });
  }, 90_000);
});

describe('a neighbour that dies in the middle of a renewal', () => {
  test('is succeeded at once, with the same refresh token', async () => {
    await using pair = await openPair();
    const [here, there] = pair.browsers as [Client, Client];
    pair.provider.next('silence');
    const asked = here.told(pair.slug).catch(() => null);
    while (pair.provider.asked.total === 0) await new Promise(setImmediate);
    await pair.first.stop('SIGKILL');
    await asked;

    expect(await there.told(pair.slug)).toMatchObject({ state: 'fresh', generation: 2, refreshed: true });
    expect(pair.provider.asked).toMatchObject({ total: 2, doubleSpends: 0 });
    expect(attempts(pair)).toEqual([
      { state: 'unknown', outcome: 'interrupted', keeps: 0 },
      { state: 'done', outcome: 'granted', keeps: 0 },
    ]);
  }, 60_000);
});
