import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Middleware } from 'koa';
import { createAssets } from '../../src/web/assets.ts';
import { body } from '../../src/web/middleware/body.ts';
import { csrf } from '../../src/web/middleware/csrf.ts';
import { gate, requireRole } from '../../src/web/middleware/gate.ts';
import { scopedSession } from '../../src/web/middleware/scoped-session.ts';
import { KeyGate } from '../../src/services/keys/key-gate.ts';
import { createRender } from '../../src/web/render.ts';
import { accountRoutes } from '../../src/web/routes/account.ts';
import { setupRoutes } from '../../src/web/routes/setup.ts';
import { signInRoutes } from '../../src/web/routes/sign-in.ts';
import { sessionCookie } from '../../src/web/session-cookie.ts';
import { createViews } from '../../src/web/views.ts';
import { openDoorstep, PASSWORD } from '../services/doorstep.ts';
import { serve, type Reply } from './middleware/serving.ts';

const ROOT = join(import.meta.dirname, '../..');
const assets = createAssets({ dir: join(ROOT, 'public') });
const views = createViews({ dir: join(ROOT, 'views'), cache: true });
const EMAIL = 'ada@example.org';
const PAGE = { accept: 'text/html', 'sec-fetch-site': 'same-origin' };
const FORM = { ...PAGE, 'content-type': 'application/x-www-form-urlencoded' };
const tokens = {
  tokenFor: (signInId: string) => `token-of-${signInId}`,
  matches: (signInId: string, token: string) => token === `token-of-${signInId}`,
};

async function openHouse({ owner = true, publicUrl }: { owner?: boolean; publicUrl?: string } = {}) {
  const door = await openDoorstep();
  const { gatekeeper, accounts, workspaces, clock } = door;
  if (owner) await gatekeeper.ensureOwner(EMAIL, PASSWORD);
  const server = await serve(({ origin }) => {
    const render = createRender({
      views,
      assets,
      tokens,
      banners: () => Promise.resolve([]),
      workspaces: () => Promise.resolve([]),
    });
    const cookie = sessionCookie(origin);
    const routes = [
      setupRoutes({ gatekeeper, cookie, render }),
      signInRoutes({ gatekeeper, cookie, render }),
      accountRoutes({ accounts, workspaces, clock, render }),
    ].map((router) => router.routes() as Middleware);
    const home: Middleware[] = [
      requireRole('viewer'),
      async function home(ctx) {
        ctx.body = 'home';
      },
    ];
    return [
      gate({ gatekeeper, keyGate: new KeyGate(door.parts), cookie }),
      body(),
      csrf({ publicUrl: origin, tokens }),
      scopedSession(),
      ...routes,
      ...home,
    ];
  }, publicUrl);
  return {
    door,
    server,
    post: (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
      server.ask(path, {
        method: 'POST',
        headers: { ...FORM, ...headers },
        body: new URLSearchParams(fields).toString(),
      }),
    get: (path: string, headers: Record<string, string> = {}) => server.ask(path, { headers: { ...PAGE, ...headers } }),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await door[Symbol.asyncDispose]();
    },
  };
}

const setCookieOf = (reply: Reply) => reply.headers['set-cookie']?.[0] ?? '';
const cookieOf = (reply: Reply) => setCookieOf(reply).split(';', 1)[0] ?? '';
const signIn = { email: EMAIL, password: PASSWORD };

describe('the first visit', () => {
  test('leads from anywhere to the set-up page', async () => {
    await using house = await openHouse({ owner: false });

    expect(await house.get('/')).toMatchObject({ status: 303, headers: { location: '/sign-in' } });
    expect(await house.get('/sign-in')).toMatchObject({ status: 303, headers: { location: '/setup' } });
    expect((await house.get('/setup')).text).toContain('Create the owner');
  });

  test('makes the owner, who is signed in at once', async () => {
    await using house = await openHouse({ owner: false });
    const code = house.door.gatekeeper.setupCode();

    const reply = await house.post('/setup', { code, email: EMAIL, password: PASSWORD });

    expect(reply).toMatchObject({ status: 303, headers: { location: '/' } });
    expect(await house.get('/', { cookie: cookieOf(reply) })).toMatchObject({ status: 200, text: 'home' });
    expect(await house.get('/setup')).toMatchObject({ status: 303, headers: { location: '/sign-in' } });
  });

  test('shows the form again with what was typed, the password excepted', async () => {
    await using house = await openHouse({ owner: false });
    house.door.gatekeeper.setupCode();

    const reply = await house.post('/setup', { code: 'AAAA-AAAA', email: '"><b>@x.example', password: PASSWORD });
    const again = await house.post('/setup', { code: 'AAAA-AAAA', email: 'ada@x.example', password: PASSWORD });

    expect([reply.status, again.status]).toEqual([422, 422]);
    expect(reply.text).not.toContain('"><b>');
    expect(again.text).toContain('value="ada@x.example"');
    expect(again.text).toContain('This is not the code that was printed.');
    expect(reply.text + again.text).not.toContain(PASSWORD);
    expect(setCookieOf(again)).toBe('');
  });
});

describe('the session cookie', () => {
  test('is called sid-dev where people come by http', async () => {
    await using house = await openHouse();

    const cookie = setCookieOf(await house.post('/sign-in', signIn));

    expect(cookie).toMatch(
      /^sid-dev=[\w-]{43}; path=\/; expires=Thu, 08 Jan 2026 00:00:00 GMT; samesite=lax; httponly$/,
    );
  });

  test('is called __Host-sid and is secure where people come by https', async () => {
    await using house = await openHouse({ publicUrl: 'https://callbook.example' });

    const cookie = setCookieOf(await house.post('/sign-in', signIn));

    expect(cookie).toMatch(
      /^__Host-sid=[\w-]{43}; path=\/; expires=Thu, 08 Jan 2026 00:00:00 GMT; samesite=lax; secure; httponly$/,
    );
    expect(cookie).not.toMatch(/domain/i);
  });

  test('of a plain name opens nothing where people come by https', async () => {
    await using house = await openHouse({ publicUrl: 'https://callbook.example' });

    const [, token] = cookieOf(await house.post('/sign-in', signIn)).split('=');

    expect((await house.get('/', { cookie: `sid-dev=${token}` })).status).toBe(303);
    expect((await house.get('/', { cookie: `__Host-sid=${token}` })).status).toBe(200);
  });

  test('is another one after each sign-in, and the one before is void', async () => {
    await using house = await openHouse();
    const one = cookieOf(await house.post('/sign-in', signIn));

    const two = cookieOf(await house.post('/sign-in', signIn, { cookie: one }));

    expect((await house.get('/', { cookie: one })).status).toBe(303);
    expect((await house.get('/', { cookie: two })).status).toBe(200);
  });

  test('is void and cleared at the sign-out', async () => {
    await using house = await openHouse();
    const cookie = cookieOf(await house.post('/sign-in', signIn));

    const reply = await house.post('/sign-out', {}, { cookie });

    expect(reply).toMatchObject({ status: 303, headers: { location: '/sign-in' } });
    expect(setCookieOf(reply)).toMatch(/^sid-dev=; path=\/; expires=Thu, 01 Jan 1970/);
    expect((await house.get('/', { cookie })).status).toBe(303);
  });
});

describe('a wrong sign-in', () => {
  test('looks the same whether or not the address is known', async () => {
    await using house = await openHouse();
    const plain = ({ status, headers, text }: Reply) => ({
      status,
      names: Object.keys(headers),
      text: text.replaceAll(/(ada|eve)@example\.org/g, '').replaceAll(/nonce-[^']+/g, ''),
    });

    const known = await house.post('/sign-in', { email: EMAIL, password: 'wrong wrong wrong' });
    const unknown = await house.post('/sign-in', { email: 'eve@example.org', password: 'wrong wrong wrong' });

    expect(known.status).toBe(422);
    expect(known.text).toContain('The e-mail address or the password is wrong.');
    expect(known.text).toContain('value="ada@example.org"');
    expect(known.text).not.toContain('wrong wrong wrong');
    expect(plain(unknown)).toEqual(plain(known));
  });

  test('is refused with 429 and Retry-After after ten', async () => {
    await using house = await openHouse();
    for (let tries = 0; tries < 10; tries += 1)
      await house.post('/sign-in', { email: EMAIL, password: 'wrong wrong wrong' });

    const reply = await house.post('/sign-in', signIn, { accept: 'application/json' });

    expect(reply).toMatchObject({ status: 429, headers: { 'retry-after': '300' } });
    expect(setCookieOf(reply)).toBe('');
  });

  test('of another site is refused before anything is looked at', async () => {
    await using house = await openHouse();

    const reply = await house.post('/sign-in', signIn, { 'sec-fetch-site': 'cross-site' });

    expect(reply.status).toBe(403);
    expect(setCookieOf(reply)).toBe('');
  });
});

describe('where somebody wanted to go', () => {
  test('is remembered over the sign-in', async () => {
    await using house = await openHouse();

    const sent = await house.get('/connections/partner?tab=1');
    const page = await house.get(String(sent.headers.location));
    const reply = await house.post('/sign-in', { ...signIn, next: '/connections/partner?tab=1' });

    expect(sent.headers.location).toBe('/sign-in?next=%2Fconnections%2Fpartner%3Ftab%3D1');
    expect(page.text).toContain('name="next" value="/connections/partner?tab=1"');
    expect(reply.headers.location).toBe('/connections/partner?tab=1');
  });

  test.each([
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    '/.//evil.example',
    'javascript:alert(1)',
    `/${'x'.repeat(3000)}`,
    '',
  ])('is the home page for "%s"', async (next) => {
    await using house = await openHouse();

    const signedIn = await house.post('/sign-in', { ...signIn, next });
    const visited = await house.get(`/sign-in?next=${encodeURIComponent(next)}`, { cookie: cookieOf(signedIn) });

    expect([signedIn.headers.location, visited.headers.location]).toEqual(['/', '/']);
  });
});

describe('a program that is not signed in', () => {
  test('gets a problem instead of the sign-in page', async () => {
    await using house = await openHouse();

    const reply = await house.get('/api/v1/connections');

    expect(reply).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Bearer realm="callbook"', 'callbook-problem': 'not-signed-in' },
    });
  });
});

describe('the account page', () => {
  test('changes the password of whoever knows the current one', async () => {
    await using house = await openHouse();
    const cookie = cookieOf(await house.post('/sign-in', signIn));
    const change = (currentPassword: string) =>
      house.post('/account/password', { currentPassword, newPassword: 'another long password' }, { cookie });

    const wrong = await change('wrong wrong wrong');
    const right = await change(PASSWORD);

    expect(wrong.status).toBe(422);
    expect(wrong.text).toContain('This is not your current password.');
    expect(wrong.text).not.toMatch(/wrong wrong wrong|another long password/);
    expect(right).toMatchObject({ status: 303, headers: { location: '/account' } });
    expect((await house.post('/sign-in', { ...signIn, password: 'another long password' })).status).toBe(303);
  });

  test('lists the sign-ins and ends one', async () => {
    await using house = await openHouse();
    const here = cookieOf(await house.post('/sign-in', signIn));
    const there = cookieOf(await house.post('/sign-in', signIn));
    const page = await house.get('/account', { cookie: here });
    const actions = [...page.text.matchAll(/action="(\/account\/sign-ins\/[^"]+)"/g)].map(([, action]) =>
      String(action),
    );
    const self = await house.door.gatekeeper.whoIs(String(here.split('=')[1]));
    const other = actions.find((action) => !action.includes(String(self?.signInId)));

    await house.post(String(other), { csrf: `token-of-${self?.signInId}` }, { cookie: here });

    expect(actions).toHaveLength(2);
    expect(page.text).toContain(`name="csrf" value="token-of-${self?.signInId}"`);
    expect((await house.get('/', { cookie: there })).status).toBe(303);
    expect((await house.get('/', { cookie: here })).status).toBe(200);
  });

  test('is for those who are signed in', async () => {
    await using house = await openHouse();

    expect(await house.get('/account')).toMatchObject({
      status: 303,
      headers: { location: '/sign-in?next=%2Faccount' },
    });
    expect((await house.post('/account/password', {})).status).toBe(303);
  });
});
