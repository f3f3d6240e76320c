import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { session } from '../../../src/db/session.ts';
import { withSystem } from '../../../src/db/system.ts';
import { Connection } from '../../../src/model/connection.ts';
import { hold, openProvider } from '../../support/provider.ts';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage[Symbol.asyncDispose]());
beforeEach(() => stage.app.clock.advance(120_000));

const sweep = () => stage.app.running.workings.sweep.sweep();
const used = (slug: string, hoursAgo: number) =>
  withSystem(() =>
    session.nativeUpdate(
      Connection,
      { slug },
      { lastCallAt: new Date(stage.app.clock.now().getTime() - hoursAgo * 3_600_000) },
    ),
  );
const callsOf = (refreshToken: string) => stage.provider.asked.byRefreshToken.get(refreshToken) ?? 0;

describe('a look at the grants', () => {
  test('renews what is due for connections in use or kept alive, and nothing else', async () => {
    const keptAlive = await stage.hold({ keepAlive: 'on' });
    const inUse = await stage.hold();
    const forgotten = await stage.hold();
    const unused = await stage.hold();
    stage.app.clock.advance(500_000);
    const fresh = await stage.hold({ keepAlive: 'on' });
    await used(inUse.slug, 23);
    await used(forgotten.slug, 25);

    await sweep();

    const grants = [keptAlive, inUse, forgotten, unused, fresh];
    expect(grants.map(({ refreshToken }) => callsOf(refreshToken))).toEqual([1, 1, 0, 0, 0]);
    expect(await stage.tokenCalls(keptAlive.slug)).toMatchObject([{ sentBy: null, outcome: 'answered' }]);
  });

  test('renews what will be due before the next look', async () => {
    const soon = await stage.hold({ keepAlive: 'on' });
    const later = await stage.hold({ keepAlive: 'on' });
    stage.app.clock.advance(430_000);
    await stage.plant(later.slug, { expiresAt: new Date(stage.app.clock.now().getTime() + 300_000) });

    await sweep();

    expect([callsOf(soon.refreshToken), callsOf(later.refreshToken)]).toEqual([1, 0]);
  });

  test('an open page does not count as use', async () => {
    const { slug, refreshToken } = await stage.due();
    await stage.owner.told(slug);
    await stage.owner.get(`/connections/${slug}`);
    stage.app.clock.advance(540_000);

    await sweep();

    expect(callsOf(refreshToken)).toBe(1);
    expect(await stage.grant(slug)).toMatchObject({ generation: 2 });
  });

  test('a call does', async () => {
    const { slug } = await stage.hold();
    await stage.owner.call(slug, 'GET', '/orders');
    stage.app.clock.advance(540_000);

    await sweep();

    expect(await stage.grant(slug)).toMatchObject({ generation: 2 });
  });

  test('leaves a provider alone that asked to be', async () => {
    const { slug, refreshToken } = await stage.due({ keepAlive: 'on' });
    stage.provider.next({ status: 503, headers: { 'retry-after': '3000' } });
    await stage.owner.get(`/_token_refresh?connection=${slug}`);

    await sweep();

    expect(callsOf(refreshToken)).toBe(1);
  });

  test('tries a refresh token at stake again, though its access token is fresh', async () => {
    const { slug, refreshToken } = await stage.hold({ keepAlive: 'on' });
    stage.provider.next({ status: 502 }, { status: 502 });
    await stage.renew(slug);
    stage.app.clock.advance(1_100);

    await sweep();

    expect(callsOf(refreshToken)).toBe(3);
    expect(await stage.grant(slug)).toMatchObject({ state: 'held', generation: 2 });
  });

  test('fetches what was pasted without an access token', async () => {
    const { refreshToken } = stage.provider.issueGrant();
    await stage.connect({ grantType: 'refresh_token', refreshToken, keepAlive: 'on' });

    await sweep();

    expect(callsOf(refreshToken)).toBe(1);
  });

  test('one that fails spoils no other, and its log line holds no secret', async () => {
    const broken = await stage.expired({ keepAlive: 'on' });
    const fine = await stage.hold({ keepAlive: 'on' });
    await stage.plant(fine.slug, { expiresAt: new Date(stage.app.clock.now().getTime() + 10_000) });
    await stage.plant(broken.slug, { sealedRefreshToken: 'v1.nobody.can.open-this' });

    await sweep();

    expect(callsOf(fine.refreshToken)).toBe(1);
    expect(stage.app.log()).toContain('A grant could not be renewed in the background');
    expect(await stage.leaks()).toEqual([]);
  });
});

describe('two processes that look at the same moment', () => {
  test('make one look between them, and the next one after the interval', async () => {
    await stage.hold({ keepAlive: 'on' });
    const looks = await Promise.all([sweep(), sweep(), sweep()]);

    expect(looks.filter((places) => places > 0)).toHaveLength(1);
    expect(await sweep()).toBe(0);
    stage.app.clock.advance(50_000);
    expect(await sweep()).toBeGreaterThan(0);
  });

  test('are not held up by a clock that was a day ahead', async () => {
    await stage.hold({ keepAlive: 'on' });
    stage.app.clock.advance(86_400_000);
    await sweep();
    stage.app.clock.advance(-86_400_000);

    expect(await sweep()).toBeGreaterThan(0);
  });
});

describe('more grants of one provider than it may be asked for at once', () => {
  test('are taken up eight at a time, and hold up no other provider’s', async () => {
    await using other = await openProvider();
    const crowd = await Promise.all(Array.from({ length: 20 }, () => stage.hold({ keepAlive: 'on' })));
    const elsewhere = other.issueGrant();
    const pasted = { grantType: 'refresh_token', ...elsewhere, expiresIn: '600', keepAlive: 'on' };
    await stage.owner.connect({ provider: other, apiOrigin: stage.api.origin, ...pasted });
    stage.app.clock.advance(700_000);
    const { keeper } = stage.app.running.workings;
    const fresh = keeper.fresh.bind(keeper);
    const under = { way: 0, most: 0 };
    using _ = jest.spyOn(keeper, 'fresh').mockImplementation((place, wish) => {
      under.way += 1;
      under.most = Math.max(under.most, under.way);
      return fresh(place, wish).finally(() => (under.way -= 1));
    });
    const held = hold('answer');
    const heldElsewhere = hold('answer');
    other.next(heldElsewhere.fault);
    for (let turn = 0; turn < 8; turn += 1) stage.provider.next(held.fault);

    const swept = sweep();
    await heldElsewhere.reached;
    expect(under.most).toBeLessThanOrEqual(9);
    heldElsewhere.release();
    held.release();
    await swept;

    expect(crowd.map(({ refreshToken }) => callsOf(refreshToken))).toEqual(Array(20).fill(1));
    expect(under.most).toBe(9);
  });
});
