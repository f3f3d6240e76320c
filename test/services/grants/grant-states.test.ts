import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hold } from '../../support/provider.ts';
import { openStage, type Stage } from './stage.ts';

/** What one of the two answers, as far as the table looks at it. */
interface Wanted {
  readonly status: number;
  readonly state?: string;
  readonly generation?: number;
  readonly refreshed?: boolean;
  readonly action?: string;
  readonly nextCheckIn?: number | null;
  readonly code?: string;
  readonly retryAfter?: number;
  readonly calls: number;
}

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const broken = { status: 502 };

/** How a connection comes to stand so; gives its slug. */
const WAYS = {
  static: () => stage.connect({ authType: 'bearer', bearerToken: 'a-token-of-no-account' }),
  'missing, to be fetched': () => stage.connect(),
  'missing, to be consented to': () =>
    stage.connect({ grantType: 'authorization_code', authorizationUrl: stage.provider.authorizationUrl }),
  fresh: async () => (await stage.hold()).slug,
  due: async () => (await stage.due()).slug,
  expired: async () => (await stage.expired()).slug,
  'due, backing off': async () => refusedFor(60, (await stage.due()).slug),
  'expired, backing off': async () => refusedFor(60, (await stage.expired()).slug),
  'due, and nothing renews it': async () =>
    pastedAlone('due', stage.connect({ ...ALONE, accessToken: 'pasted-alone-1', expiresIn: '600' })),
  'expired, and nothing renews it': async () =>
    pastedAlone('expired', stage.connect({ ...ALONE, accessToken: 'pasted-alone-2', expiresIn: '600' })),
  'ambiguous, backing off': async () => unanswered(1, (await stage.due()).slug),
  'ambiguous, exhausted': async () => unanswered(3, (await stage.due()).slug),
  'ambiguous, exhausted and expired': async () => unanswered(3, (await stage.expired()).slug),
  'consent-needed': async () => answered({ status: 400, body: { error: 'invalid_grant' } }, (await stage.due()).slug),
  misconfigured: async () => answered({ status: 400, body: { error: 'invalid_scope' } }, (await stage.due()).slug),
  revoked: async () => planted({ state: 'revoked' }, (await stage.due()).slug),
};

const ALONE = { grantType: 'authorization_code', authorizationUrl: 'http://127.0.0.1/authorize' };
const CONSENT = { label: 'Consent again', href: '/connections/SLUG/consent' };
const FIRST_CONSENT = { label: 'Consent', href: '/connections/SLUG/consent' };
const PASTE = { label: 'Paste a refresh token', href: '/connections/SLUG/edit' };
const EDIT = { label: 'Edit the connection', href: '/connections/SLUG/edit' };
const text = ({ label, href }: { label: string; href: string }) => `${label}: ${href}`;

async function refusedFor(seconds: number, slug: string): Promise<string> {
  stage.provider.next({ status: 503, headers: { 'retry-after': String(seconds) } });
  await stage.owner.get(`/_token_refresh?connection=${slug}`);
  return slug;
}

async function answered(fault: { status: number; body: object }, slug: string): Promise<string> {
  stage.provider.next(fault);
  await stage.owner.get(`/_token_refresh?connection=${slug}`);
  return slug;
}

async function planted(columns: object, slug: string): Promise<string> {
  await stage.plant(slug, columns);
  return slug;
}

async function pastedAlone(state: 'due' | 'expired', made: Promise<string>): Promise<string> {
  const slug = await made;
  stage.app.clock.advance(state === 'due' ? 540_000 : 601_000);
  return slug;
}

/** A renewal that nobody answers, and so many recovery tries that nobody answers either. */
async function unanswered(tries: number, slug: string): Promise<string> {
  stage.provider.next(broken, broken);
  await stage.owner.get(`/_token_refresh?connection=${slug}`);
  for (const waitMs of [1_000, 4_000].slice(0, tries - 1)) {
    stage.app.clock.advance(waitMs + 100);
    stage.provider.next(broken);
    await stage.owner.get(`/_token_refresh?connection=${slug}`);
  }
  return slug;
}

/** So many callers who have all asked before the provider answers any. */
async function atOnce(count: number, slug: string, wish?: Parameters<Stage['keep']>[1]) {
  const held = hold('answer');
  stage.provider.next(held.fault);
  const tokens = Array.from({ length: count }, () => stage.keep(slug, wish));
  const before = stage.provider.asked.total;
  await held.reached;
  held.release();
  const generations = (await Promise.all(tokens)).map(({ generation }) => generation);
  return { calls: stage.provider.asked.total - before, generations };
}

async function asked(method: 'GET' | 'POST', slug: string) {
  let reply!: Awaited<ReturnType<typeof stage.renew>>;
  const calls = await stage.callsDuring(async () => {
    reply =
      method === 'GET'
        ? await stage.owner.get(`/_token_refresh?connection=${slug}`, { accept: 'application/json' })
        : await stage.renew(slug);
  });
  const { state, generation, refreshed, action, nextCheckIn, type } = reply.json<Record<string, never>>();
  return {
    status: reply.status,
    calls,
    state,
    generation,
    refreshed,
    nextCheckIn,
    action: action && text(action).replace(slug, 'SLUG'),
    code: (type as string | undefined)?.replace('/problems/', ''),
    retryAfter: Number(reply.headers.get('retry-after')),
  };
}

const RENEWED = { status: 200, state: 'fresh', generation: 2, refreshed: true, nextCheckIn: 480, calls: 1 };
const UNTOUCHED = { status: 200, refreshed: false, calls: 0 };
const TABLE: [keyof typeof WAYS, Wanted, Wanted][] = [
  [
    'static',
    { ...UNTOUCHED, state: 'static', generation: 0, nextCheckIn: null },
    { ...UNTOUCHED, state: 'static', generation: 0, nextCheckIn: null },
  ],
  ['missing, to be fetched', { ...RENEWED, generation: 1 }, { ...RENEWED, generation: 1 }],
  [
    'missing, to be consented to',
    { ...UNTOUCHED, state: 'missing', action: text(FIRST_CONSENT), nextCheckIn: null },
    { ...UNTOUCHED, state: 'missing', action: text(FIRST_CONSENT), nextCheckIn: null },
  ],
  ['fresh', { ...UNTOUCHED, state: 'fresh', generation: 1, nextCheckIn: 480 }, RENEWED],
  ['due', RENEWED, RENEWED],
  ['expired', RENEWED, RENEWED],
  ['due, backing off', { ...UNTOUCHED, state: 'due', nextCheckIn: 60 }, RENEWED],
  ['expired, backing off', { status: 503, code: 'provider-unavailable', retryAfter: 60, calls: 0 }, RENEWED],
  [
    'due, and nothing renews it',
    { ...UNTOUCHED, state: 'due', nextCheckIn: 60 },
    { ...UNTOUCHED, state: 'due', nextCheckIn: 60 },
  ],
  [
    'expired, and nothing renews it',
    { ...UNTOUCHED, state: 'consent-needed', action: text(CONSENT), nextCheckIn: null },
    { ...UNTOUCHED, state: 'consent-needed', action: text(CONSENT), nextCheckIn: null },
  ],
  ['ambiguous, backing off', { ...UNTOUCHED, state: 'ambiguous', nextCheckIn: 2 }, RENEWED],
  ['ambiguous, exhausted', { ...UNTOUCHED, state: 'ambiguous', action: text(PASTE), nextCheckIn: 55 }, RENEWED],
  [
    'ambiguous, exhausted and expired',
    { status: 503, code: 'provider-unavailable', retryAfter: 60, calls: 0 },
    RENEWED,
  ],
  [
    'consent-needed',
    { ...UNTOUCHED, state: 'consent-needed', action: text(PASTE), nextCheckIn: null },
    { ...UNTOUCHED, state: 'consent-needed', action: text(PASTE), nextCheckIn: null },
  ],
  ['misconfigured', { ...UNTOUCHED, state: 'misconfigured', action: text(EDIT), nextCheckIn: null }, RENEWED],
  [
    'revoked',
    { ...UNTOUCHED, state: 'revoked', action: text(PASTE), nextCheckIn: null },
    { ...UNTOUCHED, state: 'revoked', action: text(PASTE), nextCheckIn: null },
  ],
];

describe('/_token_refresh of a grant that is', () => {
  test.each(TABLE)('%s: GET sees to it, POST insists', async (way, get, post) => {
    for (const [method, wanted] of [
      ['GET', get],
      ['POST', post],
    ] as const) {
      const told = await asked(method, await WAYS[way]());
      const { nextCheckIn, ...rest } = wanted;
      expect({ method, ...told }).toMatchObject({ method, ...rest });
      if (wanted.action === undefined) expect(told.action).toBeUndefined();
      if (typeof nextCheckIn === 'number') {
        expect(told.nextCheckIn).toBeGreaterThan(nextCheckIn - 3);
        expect(told.nextCheckIn).toBeLessThanOrEqual(nextCheckIn);
      } else expect(told.nextCheckIn ?? null).toBeNull();
    }
  });

  test('being renewed just now: the others are told so, and may ask again in two seconds', async () => {
    const { slug } = await stage.hold();
    const held = hold('answer');
    stage.provider.next(held.fault);
    const renewal = stage.renew(slug);
    await held.reached;

    const { items } = (await stage.owner.get('/_token_refresh', { accept: 'application/json' })).json<{
      items: { connection: string }[];
    }>();
    const fresh = await asked('GET', slug);
    held.release();

    expect(items.find(({ connection }) => connection === slug)).toMatchObject({ state: 'refreshing', nextCheckIn: 2 });
    expect(fresh).toMatchObject({ status: 200, state: 'refreshing', generation: 1, calls: 0 });
    expect((await renewal).json()).toMatchObject({ state: 'fresh', generation: 2 });
  });

  test('unknown: there is none of that name', async () => {
    expect(await asked('GET', 'nobody')).toMatchObject({ status: 404, code: 'not-found' });
    expect(await asked('POST', 'nobody')).toMatchObject({ status: 404, code: 'not-found' });
  });
});

describe('a person who insists', () => {
  test('on a misconfigured grant in vain leaves it misconfigured', async () => {
    const slug = await WAYS.misconfigured();
    stage.provider.next({ status: 503 });

    expect(await asked('POST', slug)).toMatchObject({
      status: 200,
      state: 'misconfigured',
      calls: 1,
      refreshed: false,
    });
    expect(await asked('GET', slug)).toMatchObject({ status: 200, state: 'misconfigured', calls: 0 });
  });

  test('on an exhausted grant makes one more try each time', async () => {
    const slug = await WAYS['ambiguous, exhausted']();
    stage.provider.next(broken);

    expect(await asked('POST', slug)).toMatchObject({ status: 200, state: 'ambiguous', calls: 1, refreshed: false });
    stage.app.clock.advance(20_000);
    expect(await asked('GET', slug)).toMatchObject({ status: 200, state: 'ambiguous', calls: 0 });
  });

  test('on a fresh grant in vain leaves it fresh, and nobody asks again before the back-off is over', async () => {
    const slug = await WAYS.fresh();
    stage.provider.next({ status: 503 });

    expect(await asked('POST', slug)).toMatchObject({ status: 200, state: 'fresh', generation: 1, calls: 1 });
    expect(await asked('GET', slug)).toMatchObject({ status: 200, state: 'fresh', generation: 1, calls: 0 });
  });

  test('with twenty clicks at once makes one call', async () => {
    const slug = await WAYS.fresh();

    const { calls, generations } = await atOnce(20, slug, { above: 1, insists: true, aheadMs: 0 });

    expect([calls, generations]).toEqual([1, Array(20).fill(2)]);
  });
});

describe('a refresh token at stake while the access token is fresh', () => {
  test('is tried again by the next caller after 1 s and 4 s, three times in all', async () => {
    const { slug, refreshToken } = await stage.hold();
    stage.provider.next(broken, broken, broken, broken);
    const calls: number[] = [await stage.callsDuring(() => stage.renew(slug))];
    for (const waitMs of [0, 1_100, 0, 4_100, 0, 20_000]) {
      stage.app.clock.advance(waitMs);
      calls.push(await stage.callsDuring(() => stage.owner.call(slug, 'GET', '/orders')));
    }

    expect(calls).toEqual([2, 0, 1, 0, 1, 0, 0]);
    expect(stage.provider.asked.byRefreshToken.get(refreshToken)).toBe(4);
    expect(await stage.grant(slug)).toMatchObject({ state: 'ambiguous', failures: 3 });
    expect(await stage.attempts(slug)).toHaveLength(4);
  });
});

describe('a call that used a higher generation than there is any more', () => {
  test('makes one renewal and is content with it', async () => {
    const { slug } = await stage.hold();

    const { calls, generations } = await atOnce(1, slug, { above: 9, insists: false, aheadMs: 0 });

    expect([calls, generations]).toEqual([1, [2]]);
  });
});

describe('tokens that live for a second', () => {
  test('cost one call for everybody who asks at once, and no loop burns them', async () => {
    const { slug } = await stage.expired();
    stage.provider.book.rules = { ...stage.provider.book.rules, accessTokenSeconds: 1 };

    const { calls, generations } = await atOnce(50, slug);

    expect([calls, generations]).toEqual([1, Array(50).fill(2)]);
  });

  test('are never sent when they have ended before they are here', async () => {
    const { slug } = await stage.expired();
    const held = hold('answer');
    stage.provider.next(held.fault);
    const reply = stage.owner.get(`/_token_refresh?connection=${slug}`, { accept: 'application/json' });
    await held.reached;
    stage.app.clock.advance(2_000);
    held.release();

    expect(await reply).toMatchObject({ status: 503 });
    expect((await reply).json()).toMatchObject({ type: '/problems/provider-unavailable' });
    stage.provider.book.rules = { ...stage.provider.book.rules, accessTokenSeconds: 600 };
  });
});
