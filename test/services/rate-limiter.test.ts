import { describe, expect, test } from '@jest/globals';
import { session } from '../../src/db/session.ts';
import { withSystem } from '../../src/db/system.ts';
import { TooMany } from '../../src/kernel/errors.ts';
import { RateLimit } from '../../src/model/rate-limit.ts';
import { RateLimiter } from '../../src/services/rate-limiter.ts';
import { openTestDatabase } from '../support/database.ts';

const LIMIT = { name: 'sign-in:account', most: 3, windowMs: 60_000 };

function limiterAt(start = Date.UTC(2026, 0, 1)) {
  let now = start;
  const limiter = new RateLimiter({
    clock: { now: () => new Date(now) },
    hash: (subject) => `hash-${subject.length}`,
  });
  return { limiter, pass: (ms: number) => void (now += ms) };
}

const rows = () => withSystem(() => session.find(RateLimit, {}));

describe('a limit of three in a minute', () => {
  test('lets three pass and says when the fourth may', async () => {
    await using _ = await openTestDatabase();
    const { limiter, pass } = limiterAt();

    for (let tries = 0; tries < 3; tries += 1) await limiter.take(LIMIT, 'ada');
    pass(20_500);

    await expect(limiter.take(LIMIT, 'ada')).rejects.toMatchObject({ code: 'too-many', retryAfterSeconds: 40 });
  });

  test('begins anew when its minute is over, and not a moment before', async () => {
    await using _ = await openTestDatabase();
    const { limiter, pass } = limiterAt();
    for (let tries = 0; tries < 3; tries += 1) await limiter.take(LIMIT, 'ada');

    pass(59_999);
    await expect(limiter.take(LIMIT, 'ada')).rejects.toBeInstanceOf(TooMany);
    pass(1);

    await expect(limiter.take(LIMIT, 'ada')).resolves.toBeUndefined();
    expect(await rows()).toMatchObject([{ count: 1 }]);
  });

  test('counts each subject and each purpose by itself', async () => {
    await using _ = await openTestDatabase();
    const { limiter } = limiterAt();
    for (let tries = 0; tries < 3; tries += 1) await limiter.take(LIMIT, 'ada');

    await expect(limiter.take(LIMIT, 'grace')).resolves.toBeUndefined();
    await expect(limiter.take({ ...LIMIT, name: 'setup' }, 'ada')).resolves.toBeUndefined();
  });

  test('lets exactly three of forty pass that come at once', async () => {
    await using _ = await openTestDatabase();
    const { limiter } = limiterAt();

    const tries = await Promise.allSettled(Array.from({ length: 40 }, () => limiter.take(LIMIT, 'ada')));

    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    expect(await rows()).toMatchObject([{ count: 40 }]);
  });

  test('forgets a try that is given back, and all of them when cleared', async () => {
    await using _ = await openTestDatabase();
    const { limiter } = limiterAt();
    for (let tries = 0; tries < 3; tries += 1) await limiter.take(LIMIT, 'ada');

    await limiter.giveBack(LIMIT, 'ada');
    await limiter.take(LIMIT, 'ada');
    await expect(limiter.take(LIMIT, 'ada')).rejects.toBeInstanceOf(TooMany);
    await limiter.clear(LIMIT, 'ada');

    expect(await rows()).toEqual([]);
  });

  test('never counts below nothing', async () => {
    await using _ = await openTestDatabase();
    const { limiter } = limiterAt();
    await limiter.take(LIMIT, 'ada');

    await limiter.giveBack(LIMIT, 'ada');
    await limiter.giveBack(LIMIT, 'ada');

    expect(await rows()).toMatchObject([{ count: 0 }]);
  });

  test('names nobody in its table', async () => {
    await using _ = await openTestDatabase();
    const { limiter } = limiterAt();

    await limiter.take(LIMIT, 'ada@example.org');

    expect(JSON.stringify(await rows())).not.toContain('ada');
  });
});

describe('what is counted no longer', () => {
  test('can be deleted, and nothing else with it', async () => {
    await using _ = await openTestDatabase();
    const { limiter, pass } = limiterAt();
    await limiter.take(LIMIT, 'ada');
    pass(30_000);
    await limiter.take(LIMIT, 'grace');
    pass(30_000);

    expect(await limiter.forgetEnded()).toBe(1);
    expect(await rows()).toMatchObject([{ key: 'sign-in:account:hash-5' }]);
  });
});
