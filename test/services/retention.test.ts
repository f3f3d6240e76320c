import { describe, expect, test } from '@jest/globals';
import { session } from '../../src/db/session.ts';
import { withSystem } from '../../src/db/system.ts';
import { SignIn } from '../../src/model/sign-in.ts';
import { openApp } from '../support/app.ts';

const DAY_MS = 24 * 60 * 60_000;

describe('what is over', () => {
  test('is forgotten, and a sign-in that still stands is not', async () => {
    await using app = await openApp();
    await app.owner();
    app.clock.advance(4 * DAY_MS);
    const second = await app.owner();
    app.clock.advance(4 * DAY_MS);

    expect(await app.running.workings.retention.forgetEnded()).toBeGreaterThanOrEqual(1);

    expect(await withSystem(() => session.count(SignIn))).toBe(1);
    expect((await second.get('/account')).status).toBe(303);
  });
});
