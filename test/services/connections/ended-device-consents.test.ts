import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { INTERVAL_S } from '../../support/device-desk.ts';
import type { Fault } from '../../support/faults.ts';
import { newKey } from '../../support/keys.ts';
import { Program, withKey } from '../../support/program.ts';
import { hold } from '../../support/provider.ts';
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

const WIPED = { sealedDeviceCode: null, sealedUserCode: null, sealedCompleteUri: null };

/** Ways to end a consent that is under way, the reason it ends with, and what they leave of the grant. */
const WAYS: [string, string, (slug: string, page: string) => Promise<unknown>, object][] = [
  [
    'stopped by a person',
    'stopped',
    (_slug, page) => stage.owner.post(`${page}/deletion`, {}),
    { generation: 1, state: 'held' },
  ],
  ['replaced by another', 'replaced', (slug) => room.begun(slug), { generation: 1, state: 'held' }],
  [
    'disconnected',
    'disconnected',
    (slug) => stage.owner.post(`/connections/${slug}/grant/revocation`, {}),
    { generation: 2, state: 'revoked' },
  ],
  ['edited under auth', 'edited', edited, { generation: 2, state: 'held' }],
];

/** An owner's program asks for another scope; the grant held stays. */
async function edited(slug: string): Promise<void> {
  const program = new Program(stage.app.url, withKey(await newKey(stage.owner, 'owner')));
  const reply = await program.ask('PATCH', `/api/v1/connections/${slug}`, { json: { auth: { scope: 'orders more' } } });
  expect(reply.status).toBe(200);
}

describe('a consent on another device that is ended here', () => {
  test.each(WAYS)('because it was %s keeps no code, and is polled no more', async (_what, reason, end) => {
    const slug = await room.connected({ revocationUrl: stage.provider.revocationUrl });
    const page = await room.begun(slug);
    const [first] = await room.attempts(slug);
    await end(slug, page);
    const polls = room.polls();
    await room.pass(INTERVAL_S);

    const ended = (await room.attempts(slug)).find(({ id }) => id === first?.id);
    expect(ended).toMatchObject({ state: 'cancelled', reason, ...WIPED });
    expect(textOf((await stage.owner.get(page)).text)).toContain('This consent was ended');
    expect(room.polls()).toBe(polls + (reason === 'replaced' ? 1 : 0));
  });

  test.each(WAYS)('because it was %s takes no tokens from a poll under way', async (_what, _reason, end, left) => {
    const slug = await room.connected({ revocationUrl: stage.provider.revocationUrl });
    const page = await room.begun(slug);
    const answer = hold('answer');
    stage.provider.devices.answer('granted');
    stage.provider.next(answer.fault);
    stage.app.clock.advance(INTERVAL_S * 1000);
    const { deviceSweep } = stage.app.running.workings;
    await deviceSweep.sweep();
    await answer.reached;
    await end(slug, page);
    answer.release();
    await deviceSweep.landed();

    expect(await stage.grant(slug)).toMatchObject(left);
    expect(await room.exchanges(slug, 'token')).toMatchObject([{ outcome: 'answered', status: 200 }]);
    expect(await stage.leaks()).toEqual([]);
  });

  test('by disconnecting gives back what a poll under way still brings', async () => {
    const slug = await room.connected({ revocationUrl: stage.provider.revocationUrl });
    await room.begun(slug);
    const answer = hold('answer');
    stage.provider.devices.answer('granted');
    stage.provider.next(answer.fault);
    stage.app.clock.advance(INTERVAL_S * 1000);
    const { deviceSweep } = stage.app.running.workings;
    await deviceSweep.sweep();
    await answer.reached;
    await stage.owner.post(`/connections/${slug}/grant/revocation`, {});
    const before = stage.provider.revocations.length;
    answer.release();
    await deviceSweep.landed();

    expect(stage.provider.revocations.length).toBe(before + 1);
    expect(stage.provider.revocations.at(-1)?.hint).toBe('refresh_token');
  });

  test('by deleting its connection leaves no row', async () => {
    const slug = await room.connected();
    const page = await room.begun(slug);
    await stage.owner.post(`/connections/${slug}/deletion`, {});

    expect((await stage.owner.get(page)).status).toBe(404);
    expect(await room.count()).toBe(0);
  });
});

describe('a provider that gives no code', () => {
  const code = {
    device_code: 'device-code-of-nobody',
    user_code: 'ABCD-EFGH',
    verification_uri: 'https://id.example/d',
    expires_in: 600,
  };
  const ROWS: [string, Fault, string][] = [
    ['because of the client', { status: 401, body: { error: 'invalid_client' } }, 'does not accept the client'],
    ['because of the scope', { status: 400, body: { error: 'invalid_scope' } }, 'does not accept the scope'],
    ['inside a 200', { status: 200, body: { error: 'unauthorized_client' } }, 'does not let this client'],
    ['but a redirect', { status: 302, headers: { location: '/elsewhere' } }, 'redirect (302), which is never followed'],
    ['but a page', { status: 200, body: '<html>hello</html>' }, 'neither JSON nor a form'],
    ['but nothing', 'reset', 'closed before the answer was complete'],
    ['but half of it', { status: 200, body: { ...code, user_code: undefined } }, 'holds no code to consent with'],
    [
      'but a place that is no web address',
      { status: 200, body: { ...code, verification_uri: 'javascript:alert(1)' } },
      'names no web address',
    ],
    ['now', { status: 503 }, 'cannot answer now (503)'],
  ];

  test.each(ROWS)(
    '%s: says so, keeps nothing, and leaves what waits and what is held',
    async (_what, fault, sentence) => {
      const slug = await room.connected();
      await room.begun(slug);
      const waits = await room.attempts(slug);
      stage.provider.nextDevice(fault);

      const reply = await stage.owner.post(`/connections/${slug}/devices`, {});

      expect(reply.status).toBe(422);
      expect(textOf(reply.text)).toContain(sentence);
      expect(await room.attempts(slug)).toEqual(waits);
      expect(await stage.grant(slug)).toMatchObject({ generation: 1, state: 'held' });
      expect(await room.exchanges(slug, 'device')).toHaveLength(2);
    },
  );
});

describe('a code that came in another shape', () => {
  const SHAPES: [string, object, object][] = [
    ['without interval and life', { interval: undefined, expires_in: undefined }, { intervalSeconds: 5 }],
    ['with numbers as text', { interval: '7', expires_in: '60' }, { intervalSeconds: 7 }],
    ['with an interval of nothing', { interval: 0 }, { intervalSeconds: 5 }],
    [
      'with the address under its old name',
      { verification_uri: undefined, verification_url: 'https://id.example/d' },
      { verificationUri: 'https://id.example/d' },
    ],
  ];
  test.each(SHAPES)('%s is taken', async (_what, amend, kept) => {
    const slug = await room.connected();
    stage.provider.nextDevice({ amend: { ...amend } });
    await room.begun(slug);

    expect(await room.attempt(slug)).toMatchObject({ state: 'pending', ...kept });
  });

  test('at an address that is not safe is shown, and led to by nothing', async () => {
    const slug = await room.connected();
    const address = 'http://id.partner.example/device';
    stage.provider.nextDevice({
      amend: { verification_uri: address, verification_uri_complete: `${address}?user_code=1` },
    });
    const { text } = await stage.owner.get(await room.begun(slug));

    expect(text).toContain(address);
    expect(text).not.toContain(`href="${address}`);
    expect(text).not.toContain('<svg viewBox="0 0 4');
  });
});

describe('what the waiting page’s script is told', () => {
  test('is how it stands, and no code, address or token', async () => {
    const slug = await room.connected();
    const page = await room.begun(slug);
    const ask = () => stage.owner.get(`${page}/state`, { accept: 'application/json' });
    const waiting = await ask();
    stage.provider.devices.answer('granted');
    await room.pass(INTERVAL_S);
    const over = await ask();

    expect(waiting.json()).toEqual({ state: 'pending', detail: null, secondsLeft: 600, nextCheckIn: 3 });
    expect(over.json()).toEqual({ state: 'granted', detail: null, secondsLeft: null, nextCheckIn: null });
    expect(stage.provider.secrets().filter((secret) => `${waiting.text}${over.text}`.includes(secret))).toEqual([]);
  });
});
