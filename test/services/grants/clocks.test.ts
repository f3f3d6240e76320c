import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { withSystem } from '../../../src/db/system.ts';
import { session, withSession } from '../../../src/db/session.ts';
import { LeaseSightings } from '../../../src/services/grants/lease-sightings.ts';
import { Connection } from '../../../src/model/connection.ts';
import { hold } from '../../support/provider.ts';
import { answerFor, neighbourOf } from './neighbour.ts';
import { openStage, type Stage } from './stage.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
/** More than whoever takes a lease away needs before it asks the provider. */
const LOOKS = 5;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

describe('two processes whose clocks differ', () => {
  test.each([5 * MINUTE, -5 * MINUTE])('by %i ms ask once for one generation', async (skewMs) => {
    const { slug } = await stage.expired();
    stage.app.clock.advance(10 * MINUTE);
    const { id: connectionId, workspaceId } = await withSystem(() => session.findOneOrFail(Connection, { slug }));
    const clock = { now: () => new Date(stage.app.clock.now().getTime() + skewMs) };
    await using neighbour = neighbourOf(stage, clock);
    const { workings, self } = neighbour;
    const looked = Promise.withResolvers<void>();
    using looks = answerFor(stage, self, () => {
      if (looks.times === LOOKS) looked.resolve();
      return true;
    });
    const held = hold('answer');
    stage.provider.next(held.fault);

    const calls = await stage.callsDuring(async () => {
      const theirs = withSession(workspaceId, () => workings.keeper.fresh({ workspaceId, connectionId }));
      await held.reached;
      const ours = stage.keep(slug);
      await Promise.race([looked.promise, ours]);
      held.release();
      await Promise.all([theirs, ours]);
    });

    expect(calls).toBe(1);
    expect(await stage.attempts(slug)).toMatchObject([{ state: 'done', outcome: 'granted' }]);
  });
});

describe('a clock that is set during a renewal', () => {
  test.each([5 * MINUTE, -5 * MINUTE, DAY, -DAY])('by %i ms makes no second call', async (byMs) => {
    const { slug } = await stage.expired();
    const held = hold('answer');
    stage.provider.next(held.fault);

    const calls = await stage.callsDuring(async () => {
      const first = stage.keep(slug);
      await held.reached;
      stage.app.clock.advance(byMs);
      const second = stage.keep(slug);
      await new Promise(setImmediate);
      held.release();
      await Promise.allSettled([first, second]);
    });

    expect(calls).toBe(1);
    expect(await stage.attempts(slug)).toHaveLength(1);
    stage.app.clock.advance(-byMs);
  });
});

describe('a lease of a living neighbour', () => {
  const now = new Date(1e12);
  const leased = (restMs: number) => ({ id: 'grant', fence: 3, leaseUntil: new Date(now.getTime() + restMs) });

  test.each([-1, -DAY, 5 * MINUTE, DAY])('first seen %i ms from its end is given its whole length', (restMs) => {
    let elapsed = 1_000;
    const sightings = new LeaseSightings(() => elapsed);
    expect(sightings.isHeld(leased(restMs), now)).toBe(true);
    elapsed += 29_999;
    expect(sightings.isHeld(leased(restMs), now)).toBe(true);
    elapsed += 1;
    expect(sightings.isHeld(leased(restMs), now)).toBe(false);
    expect(sightings.isHeld({ ...leased(restMs), fence: 4 }, now)).toBe(true);
  });

  test('that was seen to run ends by the clock', () => {
    const sightings = new LeaseSightings(() => 0);
    expect(sightings.isHeld(leased(20_000), now)).toBe(true);
    expect(sightings.isHeld(leased(-1), now)).toBe(false);
  });
});
