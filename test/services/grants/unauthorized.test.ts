import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { session } from '../../../src/db/session.ts';
import { withSystem } from '../../../src/db/system.ts';
import { Exchange } from '../../../src/model/exchange.ts';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

/** Sends a call and tells of it: what the API saw, how often the provider was asked, what was recorded. */
async function called(slug: string, method = 'GET') {
  const seen = stage.api.log.length;
  let id = '';
  const renewals = await stage.callsDuring(async () => (id = await stage.owner.call(slug, method, '/orders')));
  const { status, attempts, generation } = await withSystem(() => session.findOneOrFail(Exchange, { id }));
  return { sent: stage.api.log.length - seen, renewals, status, attempts, generation };
}

describe('a 401', () => {
  test('makes one renewal and one resend, in one exchange', async () => {
    const { slug } = await stage.hold();
    stage.api.refuse();

    expect(await called(slug)).toEqual({ sent: 2, renewals: 1, status: 200, attempts: 2, generation: 2 });
  });

  test('is in the time of the call: both sendings added up, and what lay between them in the total', async () => {
    const { slug } = await stage.hold();
    stage.api.refuse();
    stage.provider.next({ delayMs: 120 });

    const id = await stage.owner.call(slug, 'GET', '/orders');
    const { hops, timings, startedAt, finishedAt } = await withSystem(() => session.findOneOrFail(Exchange, { id }));

    const [first, second] = hops.map((hop) => hop.timings);
    expect(timings!.firstByte).toBeCloseTo(first!.firstByte! + second!.firstByte!, 6);
    expect(timings!.wait).toBeCloseTo(first!.wait! + second!.wait!, 6);
    expect(timings!.total).toBeGreaterThan(first!.total + second!.total + 100);
    expect(timings!.total).toBeLessThan(first!.total + second!.total + 5_000);
    expect(finishedAt!.getTime()).toBeGreaterThanOrEqual(startedAt.getTime());
  });

  test('with a newer grant in the row already is only sent again', async () => {
    const { slug } = await stage.hold();
    const seen = stage.api.log.length;
    // oxlint-disable-next-line unicorn/no-thenable -- a fault is plain data and is never awaited
    stage.api.next({ delayMs: 500, then: { status: 401 } });
    const call = called(slug);
    while (stage.api.log.length === seen) await new Promise(setImmediate);
    await stage.renew(slug);

    expect(await call).toEqual({ sent: 2, renewals: 1, status: 200, attempts: 2, generation: 2 });
  });

  test('for twenty calls at once makes one renewal', async () => {
    const { slug } = await stage.hold({ width: '32' });
    stage.provider.book.expireAccessTokens();

    const renewals = await stage.callsDuring(async () => {
      const calls = await Promise.all(Array.from({ length: 20 }, () => called(slug)));
      expect(new Set(calls.map(({ status, generation }) => `${status} ${generation}`))).toEqual(new Set(['200 2']));
    });

    expect(renewals).toBe(1);
  });

  test.each([
    ['says nothing', null],
    ['names another scheme', 'Basic realm="orders"'],
    ['names invalid_token', 'Bearer error="invalid_token", error_description="expired"'],
    ['names invalid_token without quotes', 'DPoP algs="ES256", Bearer error=invalid_token'],
    ['quotes another error', 'Bearer error_description="an error=insufficient_scope, perhaps"'],
  ])('that %s is worth a renewal', async (_what, wwwAuthenticate) => {
    const { slug } = await stage.hold();
    stage.api.refuse({ wwwAuthenticate });

    expect(await called(slug)).toMatchObject({ renewals: 1, status: 200, attempts: 2 });
  });

  test.each([
    ['insufficient_scope', 'Bearer realm="orders", error="insufficient_scope", scope="admin"'],
    ['invalid_request', 'Bearer error=invalid_request'],
  ])('that names %s is passed through', async (_what, wwwAuthenticate) => {
    const { slug } = await stage.hold();
    stage.api.refuse({ wwwAuthenticate });

    expect(await called(slug)).toMatchObject({ renewals: 0, sent: 1, status: 401, attempts: 1 });
  });

  test.each([403, 500])('that is a %i is no reason to renew', async (status) => {
    const { slug } = await stage.hold();
    stage.api.refuse({ status });

    expect(await called(slug)).toMatchObject({ renewals: 0, sent: 1, status });
  });

  test('for an unsafe call is sent again where the connection allows it, and nowhere else', async () => {
    const allowing = await stage.hold();
    const careful = await stage.hold({ resendUnsafeOn401: '' });
    stage.api.refuse({ times: 2 });

    expect(await called(careful.slug, 'POST')).toMatchObject({ sent: 1, renewals: 0, status: 401 });
    expect(await called(allowing.slug, 'POST')).toMatchObject({ sent: 2, renewals: 1, status: 201, attempts: 2 });
  });
});

describe('an API that says 401 whatever it is shown', () => {
  test('is left alone for 30 s, then 60 s and on to 15 min, until a call succeeds', async () => {
    const { slug } = await stage.hold({ expiresIn: '86400' });
    stage.provider.book.rules = { ...stage.provider.book.rules, accessTokenSeconds: 86_400 };
    const quiet: number[] = [];
    for (let turn = 0; turn < 7; turn += 1) {
      stage.api.refuse({ times: 3 });
      expect(await called(slug)).toMatchObject({ sent: 2, renewals: 1, status: 401, attempts: 2 });
      expect(await called(slug)).toMatchObject({ sent: 1, renewals: 0, status: 401, attempts: 1 });
      quiet.push((await stage.grant(slug)).quietSeconds);
      stage.app.clock.advance((quiet.at(-1) ?? 0) * 1000 + 100);
    }
    expect(quiet).toEqual([30, 60, 120, 240, 480, 900, 900]);

    expect(await called(slug)).toMatchObject({ sent: 1, renewals: 0, status: 200 });
    expect(await stage.grant(slug)).toMatchObject({ quietSeconds: 0, quietUntil: null });
    stage.api.refuse();
    expect(await called(slug)).toMatchObject({ sent: 2, renewals: 1, status: 200 });
  });
});
