import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Fault } from '../../support/faults.ts';
import { listen } from '../../support/listening.ts';
import { LIFE_S, openStage, secondsUntil, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ rotation: false });
  stage.app.clock.stop();
});
afterAll(() => stage[Symbol.asyncDispose]());

const error = (status: number, code: string): Fault => ({ status, body: { error: code } });
const wait = (status: number, retryAfter: string): Fault => ({ status, headers: { 'retry-after': retryAfter } });

/** One renewal of a grant that is due, with the provider answering so; what is left of it afterwards. */
async function renewedWith(...faults: Fault[]) {
  const { slug } = await stage.due();
  stage.provider.next(...faults);
  const calls = await stage.callsDuring(() => stage.owner.told(slug));
  const grant = await stage.grant(slug);
  return {
    slug,
    grant,
    calls,
    retryIn: secondsUntil(stage, grant.retryAt),
    attempts: (await stage.attempts(slug)).map(({ state, outcome, reason }) => `${state} ${outcome} ${reason}`),
    exchanges: (await stage.tokenCalls(slug)).map(({ outcome, status, reason }) => `${outcome} ${status ?? reason}`),
  };
}

describe('a provider that refuses the grant', () => {
  test.each([400, 401, 200])('with %i makes it consent-needed, after one call', async (status) => {
    const { grant, calls, attempts, exchanges } = await renewedWith(error(status, 'invalid_grant'));

    expect(grant).toMatchObject({
      state: 'consent-needed',
      reason: 'invalid_grant',
      generation: 1,
      leaseInstance: null,
    });
    expect(calls).toBe(1);
    expect(attempts).toEqual(['failed refused invalid_grant']);
    expect(exchanges).toEqual([`answered ${status}`]);
  });
});

describe('a provider that does not accept the set-up', () => {
  test.each([
    ['invalid_client', 401],
    ['unauthorized_client', 400],
    ['invalid_scope', 400],
    ['unsupported_grant_type', 400],
    ['invalid_request', 400],
  ])('with %s makes the grant misconfigured and keeps its tokens', async (code, status) => {
    const { slug, grant, calls, attempts, exchanges } = await renewedWith(error(status, code));

    expect(grant).toMatchObject({ state: 'misconfigured', reason: code, generation: 1, retryAt: null });
    expect(grant.sealedRefreshToken).toEqual(expect.any(String));
    expect(calls).toBe(1);
    expect(attempts).toEqual([`failed misconfigured ${code}`]);
    expect(exchanges).toEqual([`answered ${status}`]);
    expect(await stage.callsDuring(() => stage.owner.told(slug))).toBe(0);
  });

  test.each([301, 302, 303, 307, 308])('with a redirect (%i) is not followed', async (status) => {
    let visits = 0;
    await using elsewhere = await listen(async (_request, response) => void response.end(`${(visits += 1)}`));
    const { grant, exchanges } = await renewedWith({ status, headers: { location: elsewhere.origin } });

    expect(grant).toMatchObject({ state: 'misconfigured', reason: 'redirect' });
    expect(exchanges).toEqual([`answered ${status}`]);
    expect(visits).toBe(0);
  });
});

describe('a provider that cannot answer now', () => {
  test.each<[string, Fault, string, number]>([
    ['408', { status: 408 }, 'http-408', 1],
    ['429', { status: 429 }, 'http-429', 1],
    ['429 with Retry-After', wait(429, '120'), 'http-429', 120],
    ['429 with a Retry-After of two hours', wait(429, '7200'), 'http-429', 3600],
    ['500', { status: 500, body: '<h1>Oops</h1>' }, 'http-500', 1],
    ['503', { status: 503 }, 'http-503', 1],
    ['503 with Retry-After', wait(503, '30'), 'http-503', 30],
    ['temporarily_unavailable', error(400, 'temporarily_unavailable'), 'temporarily_unavailable', 1],
    ['server_error', error(400, 'server_error'), 'server_error', 1],
    ['401 without a word', { status: 401 }, 'http-401', 1],
  ])('(%s) keeps the grant and is left alone for a while', async (_what, fault, reason, seconds) => {
    const { slug, grant, calls, retryIn, attempts, exchanges } = await renewedWith(fault);

    expect(grant).toMatchObject({ state: 'held', reason, generation: 1, failures: 1, leaseInstance: null });
    expect([calls, retryIn]).toEqual([1, seconds]);
    expect(attempts).toEqual([`failed transient ${reason}`]);
    expect(exchanges).toEqual([`answered ${(fault as { status: number }).status}`]);
    expect(await stage.callsDuring(() => stage.owner.told(slug))).toBe(0);
  });

  test('because nothing listens there, has been sent nothing', async () => {
    const gone = await listen(async () => undefined);
    await gone[Symbol.asyncDispose]();
    const { slug } = await stage.due({ tokenUrl: `${gone.origin}/token` });

    expect(await stage.owner.told(slug)).toMatchObject({ state: 'due', refreshed: false });
    expect(await stage.grant(slug)).toMatchObject({ state: 'held', reason: 'connect', failures: 1 });
    expect(await stage.attempts(slug)).toMatchObject([{ state: 'failed', outcome: 'transient' }]);
    expect(await stage.tokenCalls(slug)).toMatchObject([{ outcome: 'failed', reason: 'connect' }]);
  });

  test('is asked again after 1, 2, 4 … 300 s, until it answers', async () => {
    const { slug } = await stage.expired();
    const waits: (number | null)[] = [];
    for (let failures = 0; failures < 11; failures += 1) {
      stage.provider.next({ status: 503 });
      expect(await stage.callsDuring(() => stage.owner.get(`/_token_refresh?connection=${slug}`))).toBe(1);
      expect(await stage.callsDuring(() => stage.owner.get(`/_token_refresh?connection=${slug}`))).toBe(0);
      waits.push(secondsUntil(stage, (await stage.grant(slug)).retryAt));
      stage.app.clock.advance(((waits.at(-1) ?? 0) + 1) * 1000);
    }

    const least = [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300];
    for (const [index, seconds] of least.entries()) {
      expect(waits[index]).toBeGreaterThanOrEqual(seconds);
      expect(waits[index]).toBeLessThanOrEqual(Math.min(Math.ceil(seconds * 1.2), 300));
    }
    expect(await stage.owner.told(slug)).toMatchObject({ state: 'fresh', generation: 2, refreshed: true });
    expect(await stage.grant(slug)).toMatchObject({ failures: 0, retryAt: null, reason: null });
  });
});

describe('an answer that nobody can read', () => {
  test.each<[string, Fault, string, string]>([
    ['502', { status: 502, body: '<html>Bad gateway</html>' }, 'http-502', 'answered 502'],
    ['504', { status: 504 }, 'http-504', 'answered 504'],
    ['a page', { status: 200, body: '<html>Welcome</html>' }, 'unreadable', 'answered 200'],
    ['half a JSON text', { status: 200, body: '{"access_token":"abc' }, 'unreadable', 'answered 200'],
    ['JSON without a token', { status: 200, body: { token: 'x' } }, 'no-token', 'answered 200'],
    ['more than 256 KiB', { status: 200, body: `{"x":"${'y'.repeat(300_000)}"}` }, 'too-large', 'failed 200'],
    ['a connection that breaks', 'reset', 'protocol', 'failed protocol'],
  ])('(%s) leaves the grant ambiguous, and the same refresh token is tried again at once', async (...row) => {
    const [, fault, reason, recorded] = row;
    const { grant, calls, retryIn, attempts, exchanges } = await renewedWith(fault, fault);

    expect(grant).toMatchObject({ state: 'ambiguous', reason, generation: 1, failures: 1, leaseInstance: null });
    expect([calls, retryIn]).toEqual([2, 1]);
    expect(attempts).toEqual(Array(2).fill(`unknown ambiguous ${reason}`));
    expect(exchanges).toEqual(Array(2).fill(recorded));
  });

  test('because the connection broke half-way, comes whole the second time', async () => {
    const { grant, calls, attempts, exchanges } = await renewedWith('cut');

    expect(grant).toMatchObject({ state: 'held', generation: 2, failures: 0, reason: null });
    expect(calls).toBe(2);
    expect(attempts).toEqual(['unknown ambiguous protocol', 'done granted null']);
    expect(exchanges).toEqual(['failed 200', 'answered 200']);
  });

  test('because none comes at all, is ended by us, and the second try counts', async () => {
    const { slug } = await stage.due();
    stage.provider.next('silence');
    const before = stage.provider.asked.total;
    const told = stage.owner.told(slug);
    while (stage.provider.asked.total === before) await new Promise(setImmediate);
    stage.app.running.workings.abortCalls();

    expect(await told).toMatchObject({ state: 'fresh', generation: 2 });
    expect(await stage.attempts(slug)).toMatchObject([{ state: 'unknown' }, { state: 'done' }]);
    expect(await stage.tokenCalls(slug)).toMatchObject([
      { outcome: 'failed', reason: 'aborted' },
      { outcome: 'answered', status: 200 },
    ]);
  });

  test('spends nothing where the grant can be had anew: it is one more failure', async () => {
    const slug = await stage.connect();
    stage.provider.next({ status: 502 });

    const reply = await stage.owner.get(`/_token_refresh?connection=${slug}`);

    expect(reply.status).toBe(503);
    expect(await stage.grant(slug)).toMatchObject({ state: 'missing', failures: 1 });
    expect(await stage.tokenCalls(slug)).toHaveLength(1);
  });
});

describe('a provider that grants', () => {
  test.each<[string, Record<string, unknown>, number]>([
    ['without an expires_in', { expires_in: undefined }, 3300],
    ['with a numeric text', { expires_in: '900' }, 900],
    ['with a negative expires_in', { expires_in: -1 }, 3300],
    ['for a year', { expires_in: 31_536_000 }, 7_776_000],
    ['without a token_type', { token_type: undefined }, LIFE_S],
    ['with a strange token_type', { token_type: 'BEARER' }, LIFE_S],
  ])('%s is believed', async (_what, amend, seconds) => {
    const { slug, grant, calls } = await renewedWith({ amend });

    expect(grant).toMatchObject({ state: 'held', generation: 2 });
    expect(calls).toBe(1);
    expect((await stage.owner.told(slug)).expiresIn).toBeGreaterThan(seconds - 20);
    expect((await stage.owner.told(slug)).expiresIn).toBeLessThanOrEqual(seconds);
  });

  test.each([undefined, ''])('with a refresh_token of %p, keeps the one held', async (refresh_token) => {
    const { slug, refreshToken } = await stage.due();
    for (const generation of [2, 3]) {
      stage.provider.next({ amend: { refresh_token } });
      expect((await stage.renew(slug)).json()).toMatchObject({ generation, state: 'fresh' });
    }

    expect(stage.provider.asked.byRefreshToken.get(refreshToken)).toBe(2);
  });

  test('a refresh token to a client that fetches its grant anew, has given it in vain', async () => {
    const slug = await stage.connect();
    stage.provider.next({ amend: { refresh_token: 'refresh-nobody-asked-for' } });
    await stage.renew(slug);
    await stage.renew(slug);

    expect((await stage.grant(slug)).sealedRefreshToken).toBeNull();
    expect(stage.provider.asked.byRefreshToken.has('refresh-nobody-asked-for')).toBe(false);
    expect(await stage.attempts(slug)).toMatchObject([
      { state: 'done', fingerprint: null },
      { state: 'done', fingerprint: null },
    ]);
  });
});

describe('one client for two connections', () => {
  test('is not asked about again for either, once its provider does not know it', async () => {
    const { slug } = await stage.due();
    const neighbour = await stage.connect({ name: 'Neighbour' });
    const stranger = await stage.connect({ name: 'Stranger', clientId: 'another-client' });
    await stage.owner.told(neighbour);
    stage.provider.next(error(401, 'invalid_client'));

    await stage.owner.told(slug);

    for (const known of [slug, neighbour]) {
      expect(await stage.grant(known)).toMatchObject({ state: 'misconfigured', reason: 'invalid_client' });
      expect(await stage.callsDuring(() => stage.owner.told(known))).toBe(0);
    }
    expect(await stage.grant(stranger)).toMatchObject({ state: 'missing' });
    expect(stage.app.log().match(/No new token: The provider does not accept the client id/g)).toHaveLength(2);
  });

  test('is not touched by what concerns one connection alone', async () => {
    const { slug } = await stage.due();
    const neighbour = await stage.connect({ name: 'Other neighbour' });
    stage.provider.next(error(400, 'invalid_scope'));

    await stage.owner.told(slug);

    expect(await stage.grant(neighbour)).toMatchObject({ state: 'missing' });
  });
});

describe('after all of this', () => {
  test('no secret stands in the database or the log', async () => {
    expect(stage.provider.secrets().length).toBeGreaterThan(30);
    expect(await stage.leaks()).toEqual([]);

    const { slug, refreshToken } = await stage.hold();
    await stage.plant(slug, { detail: `It was ${refreshToken}.` });
    expect(await stage.leaks()).toEqual([refreshToken]);
  });
});
