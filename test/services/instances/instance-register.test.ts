import { describe, expect, test } from '@jest/globals';
import { session } from '../../../src/db/session.ts';
import { withSystem } from '../../../src/db/system.ts';
import { systemClock } from '../../../src/kernel/clock.ts';
import { idsBy } from '../../../src/kernel/ids.ts';
import { Exchange } from '../../../src/model/exchange.ts';
import { openApi } from '../../support/api.ts';
import { openApp } from '../../support/app.ts';

const newId = idsBy(systemClock);
const PENDING = { outcome: 'pending', finishedAt: null } as const;

describe('pending exchanges', () => {
  test('of a process that nobody knows any more are interrupted, and those of this one are left alone', async () => {
    await using api = await openApi();
    await using app = await openApp();
    const owner = await app.owner();
    const provider = { origin: api.origin, clientId: 'none', clientSecret: null };
    const slug = await owner.connect({ provider, apiOrigin: api.origin, authType: 'none' });
    const lost = await owner.call(slug, 'POST', '/orders');
    const ours = await owner.call(slug, 'POST', '/orders');
    await withSystem(async () => {
      await session.nativeUpdate(Exchange, { id: lost }, { ...PENDING, instanceId: newId() });
      await session.nativeUpdate(Exchange, { id: ours }, PENDING);
    });

    app.clock.advance(60_000);
    const before = app.clock.now();
    const left = await app.running.workings.register.closeDead();

    expect(left.interrupted).toBe(1);
    const ends = await withSystem(() => session.find(Exchange, { id: { $in: [lost, ours] } }));
    expect(new Map(ends.map(({ id, outcome }) => [id, outcome]))).toEqual(
      new Map([
        [lost, 'interrupted'],
        [ours, 'pending'],
      ]),
    );
    const foundAt = ends.find(({ id }) => id === lost)?.finishedAt?.getTime();
    expect(foundAt).toBeGreaterThanOrEqual(before.getTime());
    expect(ends.find(({ id }) => id === ours)?.finishedAt).toBeNull();
  });
});
