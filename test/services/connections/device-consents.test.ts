import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { OWNER } from '../../support/app.ts';
import { CODE_LIFE_S, INTERVAL_S } from '../../support/device-desk.ts';
import type { Fault } from '../../support/faults.ts';
import { formOf } from '../../support/received.ts';
import { openStage, type Stage } from '../grants/stage.ts';
import { textOf, WaitingRoom } from './waiting-room.ts';

let stage: Stage;
let room: WaitingRoom;
beforeAll(async () => {
  stage = await openStage({ accessTokenSeconds: 86_400 });
  stage.app.clock.stop();
  room = new WaitingRoom(stage);
});
afterEach(() => room.clear());
afterAll(() => stage[Symbol.asyncDispose]());

/** Longer than a token call may take. */
const TURN_S = 45;
const WIPED = { sealedDeviceCode: null, sealedUserCode: null, sealedCompleteUri: null };

/** What a consent must not change unless it brings a grant. */
async function held(slug: string) {
  const { generation, fence, state, sealedAccessToken, sealedRefreshToken } = await stage.grant(slug);
  return { generation, fence, state, sealedAccessToken, sealedRefreshToken };
}

describe('a person who consents on another device', () => {
  test('has the grant replaced in the background, by their name, and the codes are gone', async () => {
    const slug = await room.connected();
    await room.begun(slug);
    await room.pass(INTERVAL_S);
    await room.pass(INTERVAL_S);
    stage.provider.devices.answer('granted');
    await room.pass(INTERVAL_S);

    expect(await stage.grant(slug)).toMatchObject({
      state: 'held',
      generation: 2,
      consentedBy: OWNER.email,
      scope: 'orders',
    });
    expect(await room.attempt(slug)).toMatchObject({
      state: 'granted',
      polls: 3,
      endedAt: expect.any(Date),
      ...WIPED,
    });
    await stage.owner.call(slug, 'GET', '/orders');
    expect(stage.provider.isLive(stage.api.tokensSeen().at(-1) ?? '')).toBe(true);
  });

  test('leaves the request for a code and the poll that counted on record, without a secret anywhere', async () => {
    const slug = await room.connected();
    await room.begun(slug);
    await room.pass(INTERVAL_S);
    stage.provider.devices.answer('granted');
    await room.pass(INTERVAL_S);

    expect(await room.exchanges(slug, 'device')).toMatchObject([
      { outcome: 'answered', status: 200, generation: 1, sentBy: OWNER.email },
    ]);
    expect(await room.exchanges(slug, 'token')).toMatchObject([
      { outcome: 'answered', status: 200, generation: 2, sentBy: OWNER.email },
    ]);
    expect(await stage.leaks()).toEqual([]);
  });

  test('was asked for with the scope and the client’s own proof, at both endpoints', async () => {
    const slug = await room.connected({ clientAuthentication: 'client_secret_post' });
    await room.begun(slug);
    await room.pass(INTERVAL_S);

    const [asked, polled] = stage.provider.log.slice(-2).map((received) => Object.fromEntries(formOf(received)));
    const client = { client_id: stage.provider.clientId, client_secret: stage.provider.clientSecret };
    expect(asked).toEqual({ ...client, scope: 'orders' });
    expect(polled).toEqual({
      ...client,
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: expect.any(String),
    });
  });
});

describe('a provider that is asked', () => {
  test('is left alone until its interval is over', async () => {
    await room.begun(await room.connected());
    const before = room.polls();

    await room.pass(INTERVAL_S - 1);
    expect(room.polls()).toBe(before);
    await room.pass(1);
    expect(room.polls()).toBe(before + 1);
    await room.pass(INTERVAL_S - 1);
    expect(room.polls()).toBe(before + 1);
  });

  test('is asked five seconds less often for ever when it says slow_down', async () => {
    const slug = await room.connected();
    await room.begun(slug);
    stage.provider.next({ status: 400, body: { error: 'slow_down' } });
    await room.pass(INTERVAL_S);
    const before = room.polls();

    for (const seconds of [INTERVAL_S + 4, 1, INTERVAL_S + 4, 1]) await room.pass(seconds);

    expect(room.polls()).toBe(before + 2);
    expect(await room.attempt(slug)).toMatchObject({ state: 'pending', intervalSeconds: INTERVAL_S + 5, polls: 3 });
    expect(await room.exchanges(slug, 'token')).toMatchObject([{ status: 400 }]);
  });

  const PASSING: [string, Fault, string][] = [
    ['503', { status: 503 }, 'http-503'],
    ['no answer', 'reset', 'protocol'],
    ['a page for an answer', { status: 200, body: '<html>Sign in to the hotel</html>' }, 'unreadable'],
    ['a gateway’s fault', { status: 502, body: 'Bad gateway' }, 'http-502'],
  ];
  test.each(PASSING)('is asked on, half as often, after %s', async (_what, fault, reason) => {
    const slug = await room.connected();
    await room.begun(slug);
    stage.provider.next(fault);
    await room.pass(INTERVAL_S);
    const troubled = await room.attempt(slug);
    stage.provider.devices.answer('granted');
    await room.pass(2 * INTERVAL_S - 1);
    const before = await held(slug);
    await room.pass(1);

    expect(troubled).toMatchObject({ state: 'pending', reason, intervalSeconds: 2 * INTERVAL_S });
    expect(before.generation).toBe(1);
    expect(await stage.grant(slug)).toMatchObject({ generation: 2 });
    expect(await room.exchanges(slug, 'token')).toHaveLength(2);
  });

  test('is left alone for as long as it asks', async () => {
    await room.begun(await room.connected());
    stage.provider.next({ status: 429, headers: { 'retry-after': '60' } });
    await room.pass(INTERVAL_S);
    const before = room.polls();

    await room.pass(59);
    expect(room.polls()).toBe(before);
    await room.pass(1);
    expect(room.polls()).toBe(before + 1);
  });

  test('hears one poll when many look at once', async () => {
    await room.begun(await room.connected());
    const before = room.polls();
    const { deviceSweep } = stage.app.running.workings;
    stage.app.clock.advance(INTERVAL_S * 1000);

    await Promise.all(Array.from({ length: 8 }, () => deviceSweep.sweep()));
    await deviceSweep.landed();

    expect(room.polls()).toBe(before + 1);
  });
});

describe('a consent on another device that comes to nothing', () => {
  const ROWS: [string, string, string, () => void][] = [
    ['refused', 'access_denied', 'Access was not granted', () => stage.provider.devices.answer('access_denied')],
    [
      'refused',
      'authorization_declined',
      'Access was not granted',
      () => stage.provider.next({ status: 400, body: { error: 'authorization_declined' } }),
    ],
    ['expired', 'expired_token', 'Nobody answered before', () => stage.provider.devices.answer('expired_token')],
    [
      'failed',
      'invalid_grant',
      'refused the grant',
      () => stage.provider.next({ status: 400, body: { error: 'invalid_grant' } }),
    ],
    [
      'failed',
      'invalid_client',
      'does not accept the client',
      () => stage.provider.next({ status: 401, body: { error: 'invalid_client' } }),
    ],
    [
      'failed',
      'device_flow_off',
      'device_flow_off',
      () => stage.provider.next({ status: 400, body: { error: 'device_flow_off' } }),
    ],
    [
      'refused',
      'access_denied',
      'Access was not granted',
      () => stage.provider.next({ status: 200, body: { error: 'access_denied' } }),
    ],
  ];

  test.each(ROWS)(
    '%s by %s: says so, wipes its codes and leaves the old grant untouched',
    async (state, reason, sentence, say) => {
      const slug = await room.connected();
      const before = await held(slug);
      const page = await room.begun(slug);
      say();
      await room.pass(INTERVAL_S);
      const polls = room.polls();
      await room.pass(60);

      expect(await room.attempt(slug)).toMatchObject({ state, reason, ...WIPED });
      expect(textOf((await stage.owner.get(page)).text)).toContain(sentence);
      expect(await held(slug)).toEqual(before);
      expect(room.polls()).toBe(polls);
    },
  );

  test('because nobody looked until its code had run out is told as expired at once, and asked for no more', async () => {
    const slug = await room.connected();
    const page = await room.begun(slug);
    const before = room.polls();
    stage.app.clock.advance(CODE_LIFE_S * 1000);
    const told = textOf((await stage.owner.get(page)).text);
    await room.pass(0);

    expect(told).toContain('The code has expired');
    expect(await room.attempt(slug)).toMatchObject({ state: 'expired', ...WIPED });
    expect(room.polls()).toBe(before);
  });
});

describe('a poll that its process did not live to hear', () => {
  test('is made again once its turn is over, and not before', async () => {
    const slug = await room.connected();
    await room.begun(slug);
    const before = room.polls();
    await room.plant(slug, { polls: 1, nextPollAt: new Date(stage.app.clock.now().getTime() + TURN_S * 1000) });
    stage.provider.devices.answer('granted');

    await room.pass(TURN_S - 1);
    expect(room.polls()).toBe(before);
    await room.pass(1);
    expect(await stage.grant(slug)).toMatchObject({ generation: 2 });
    expect(await room.attempt(slug)).toMatchObject({ state: 'granted', polls: 2 });
  });
});

describe('a consent on another device that is long over', () => {
  test('is forgotten a day after its end, and one that ended lately is not', async () => {
    const slug = await room.connected();
    await room.begun(slug);
    await room.begun(slug);
    stage.provider.devices.answer('access_denied');
    await room.pass(INTERVAL_S);
    const dayBefore = new Date(stage.app.clock.now().getTime() - 24 * 60 * 60_000);
    await room.plant(slug, { endedAt: dayBefore });

    await stage.app.running.workings.retention.forgetEnded();

    expect(await room.attempts(slug)).toMatchObject([{ state: 'cancelled', reason: 'replaced' }]);
  });
});
