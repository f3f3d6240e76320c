import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Api, openApi } from '../support/api.ts';
import { openApp, type TestApp } from '../support/app.ts';
import type { Client, Reply } from '../support/client.ts';
import { rowsOf } from '../support/kept-exchanges.ts';
import { join } from '../support/people.ts';
import { openProvider, type Provider } from '../support/provider.ts';

const FORM = {
  name: 'Partner',
  slug: 'partner',
  baseUrl: 'http://127.0.0.1:9/v1',
  origins: '',
  headers: '',
  timeoutMs: '30000',
  width: '8',
  maskNames: '',
  resendUnsafeOn401: 'on',
  authType: 'none',
};
const OAUTH = {
  ...FORM,
  authType: 'oauth2',
  grantType: 'client_credentials',
  tokenUrl: 'http://127.0.0.1:9/token',
  clientId: 'client-1',
  clientSecret: 'the-secret-of-client-1',
  clientAuthentication: 'client_secret_basic',
};

const rows = (app: TestApp) => rowsOf(app.databaseFile, 'select * from connection order by id');
const grants = (app: TestApp) => rowsOf(app.databaseFile, 'select * from "grant" order by id');
const sentences = ({ text }: Reply) =>
  [...text.matchAll(/class="field-error"[^>]*>([^<]*)/g)].map(([, words]) => words ?? '');

async function withOwner(work: (app: TestApp, owner: Client) => Promise<void>): Promise<void> {
  await using app = await openApp();
  await work(app, await app.owner());
}

/** One app for all tests of a `describe` that change nothing in it. */
function sharedApp(): { readonly app: TestApp; readonly owner: Client } {
  const shared = {} as { app: TestApp; owner: Client };
  beforeAll(async () => {
    shared.app = await openApp();
    shared.owner = await shared.app.owner();
  });
  afterAll(async () => {
    await shared.app[Symbol.asyncDispose]();
  });
  return shared;
}

describe('a connection that lacks something', () => {
  const shared = sharedApp();

  test.each<[string, Record<string, string>, number]>([
    ['a name', { name: ' ' }, 1],
    ['a base URL', { baseUrl: '' }, 1],
    ['a base URL that is one', { baseUrl: 'http:\\\\evil.example' }, 1],
    ['a base URL without a password', { baseUrl: 'http://me:secret@host.example' }, 1],
    ['origins that are some', { origins: 'nonsense' }, 1],
    ['numbers in range', { timeoutMs: '0', width: 'wide' }, 2],
    ['headers that are some', { headers: 'nonsense\nHost: x' }, 1],
    ['headers without a secret', { headers: 'X-Api-Key: typed-by-hand' }, 1],
    ['headers without a secret by shape', { headers: 'X-Forward: Bearer abcdef-123456789' }, 1],
    ['a way of authorising', { authType: 'magic' }, 1],
    ['the fields of Basic', { authType: 'basic' }, 1],
    ['the password of Basic', { authType: 'basic', basicUsername: 'me' }, 1],
    ['a user name without a colon', { authType: 'basic', basicUsername: 'a:b', basicPassword: 'secret-secret' }, 1],
    ['the token of Bearer', { authType: 'bearer' }, 1],
    ['a token for a header', { authType: 'bearer', bearerToken: 'žádný-token' }, 1],
    ['the fields of a key', { authType: 'apiKey' }, 2],
    ['the key', { authType: 'apiKey', apiKeyIn: 'header', apiKeyName: 'x-who' }, 1],
    ['a name for a key', { authType: 'apiKey', apiKeyIn: 'header', apiKeyName: 'host', apiKeyValue: 'secret-key' }, 1],
    ['a key for a cookie', { authType: 'apiKey', apiKeyIn: 'cookie', apiKeyName: 'a', apiKeyValue: 'a;b=c1234' }, 1],
    ['the fields of OAuth', { authType: 'oauth2' }, 3],
    ['the client secret', { ...OAUTH, clientSecret: '' }, 1],
    ['the authorisation URL', { ...OAUTH, grantType: 'authorization_code' }, 1],
    ['the refresh token', { ...OAUTH, grantType: 'refresh_token' }, 1],
  ])('%s: 422, the form as typed, a sentence a field, nothing saved', async (_what, fields, faults) => {
    const { app, owner } = shared;
    const typed: Record<string, string> = {
      ...FORM,
      ...fields,
      name: fields['name'] === ' ' ? ' ' : 'Kept <as> typed',
    };

    const reply = await owner.post('/connections', typed);

    expect([reply.status, sentences(reply).length]).toEqual([422, faults]);
    for (const words of sentences(reply)) expect(words).toMatch(/^(?:[A-Z"]|&quot;)[^]{8,160}[.]$/);
    if (typed['name'] !== ' ') expect(reply.text).toContain('value="Kept &lt;as&gt; typed"');
    for (const name of ['clientSecret', 'basicPassword', 'bearerToken', 'apiKeyValue'])
      if (typed[name]) expect(reply.text).not.toContain(typed[name]);
    expect([rows(app), grants(app)]).toEqual([[], []]);
  });
});

describe('a slug', () => {
  test('is made from the name where none is given, and belongs to one connection', async () => {
    await withOwner(async (app, owner) => {
      const slugs = await Promise.all(
        Array.from({ length: 4 }, () => owner.post('/connections', { ...FORM, slug: '' })),
      );
      const taken = await owner.post('/connections', FORM);

      expect(slugs.map(({ location }) => location).toSorted()).toEqual(
        ['', '-2', '-3', '-4'].map((end) => `/connections/partner${end}`),
      );
      expect([taken.status, sentences(taken)]).toEqual([422, ['Another connection has this slug; choose another.']]);
      expect(rows(app)).toHaveLength(4);
    });
  });
});

describe('secrets of a connection', () => {
  test('stay as they are where the form leaves them out, and are sealed', async () => {
    await using provider = await openProvider();
    await using api = await openApi({ provider });
    await withOwner(async (app, owner) => {
      const slug = await owner.connect({ provider, apiOrigin: api.origin });
      await owner.call(slug, 'GET', '/orders');
      const [before] = rows(app);
      const [grant] = grants(app);

      const reply = await edit(owner, slug, { ...ofPartner(api, provider), name: 'Renamed', clientSecret: '' });
      await owner.call(slug, 'GET', '/orders');

      expect(reply.status).toBe(303);
      expect(rows(app)[0]).toMatchObject({ name: 'Renamed', sealed_secrets: before?.['sealed_secrets'] });
      expect(grants(app)[0]).toMatchObject({ generation: 1, sealed_access_token: grant?.['sealed_access_token'] });
      expect(provider.asked.total).toBe(1);
    });
  });

  test.each<[string, (to: string) => Record<string, string>]>([
    ['the host', (to) => ({ baseUrl: to })],
    ['the token URL', (to) => ({ tokenUrl: `${to}/token` })],
    ['the issuer', (to) => ({ issuer: to })],
    ['the revocation URL', (to) => ({ revocationUrl: `${to}/revoke` })],
    ['the introspection URL', (to) => ({ introspectionUrl: `${to}/introspect` })],
    ['the device authorisation URL', (to) => ({ deviceAuthorizationUrl: `${to}/device` })],
  ])('never go along when %s changes: they come with the change or it is not made', async (_what, change) => {
    await using provider = await openProvider();
    await using api = await openApi({ provider });
    await using elsewhere = await openApi();
    await withOwner(async (app, owner) => {
      const slug = await owner.connect({ provider, apiOrigin: api.origin });
      await owner.call(slug, 'GET', '/orders');
      const was = [rows(app), grants(app)];
      const fields = { ...ofPartner(api, provider), ...change(elsewhere.origin) };

      const without = await edit(owner, slug, { ...fields, clientSecret: '' });
      const kept = [rows(app), grants(app)];
      const along = await edit(owner, slug, { ...fields, clientSecret: 'another-secret' });

      expect(without.status).toBe(422);
      expect(without.text).toContain('What was held is not taken along to another address.');
      expect(kept).toEqual(was);
      expect(along.status).toBe(303);
      expect(grants(app)[0]).toMatchObject({ state: 'missing', sealed_access_token: null, generation: 2 });
      expect(elsewhere.log).toEqual([]);
    });
  });

  test('are forgotten when calls are authorised in another way', async () => {
    await using provider = await openProvider();
    await using api = await openApi({ provider });
    await withOwner(async (app, owner) => {
      const slug = await owner.connect({ provider, apiOrigin: api.origin });
      await owner.call(slug, 'GET', '/orders');

      await edit(owner, slug, { ...FORM, slug, baseUrl: api.origin });

      expect(rows(app)[0]).toMatchObject({ sealed_secrets: null });
      expect(grants(app)[0]).toMatchObject({ state: 'static', sealed_access_token: null, generation: 0 });
      await owner.call(slug, 'GET', '/orders');
      expect(api.log.at(-1)?.headers.map(([name]) => name)).not.toContain('authorization');
    });
  });
});

function ofPartner(api: Api, provider: Provider): Record<string, string> {
  const { tokenUrl, clientId } = provider;
  return { ...OAUTH, baseUrl: api.origin, tokenUrl, clientId, clientSecret: '' };
}

function edit(browser: Client, slug: string, fields: Record<string, string>): Promise<Reply> {
  return browser.post(`/connections/${slug}`, { ...fields, slug });
}

describe('an editor', () => {
  const plain = { ...FORM, authType: 'bearer' };

  test.each<[string, Record<string, string>]>([
    ["the base URL's origin", { baseUrl: 'http://127.0.0.1:10/v1' }],
    ['the token', { bearerToken: 'one-of-their-own' }],
    ['the way of authorising', { authType: 'none' }],
    ['extra origins', { origins: 'http://127.0.0.1:10' }],
    ['the resend', { resendUnsafeOn401: '' }],
  ])('may not change %s', async (_what, change) => {
    await withOwner(async (app, owner) => {
      await owner.post('/connections', { ...plain, bearerToken: 'the-owners-token' });
      const editor = await join(app, 'editor');
      const was = rows(app);

      const reply = await edit(editor, 'partner', { ...plain, ...change });

      expect(reply.status).toBe(403);
      expect(reply.text).toContain('Only an owner may change');
      expect(rows(app)).toEqual(was);
    });
  });

  test('may change the rest, but neither the host nor the type of authorisation, even where nothing is held', async () => {
    await withOwner(async (app, owner) => {
      await owner.post('/connections', { ...plain, bearerToken: 'the-owners-token' });
      const editor = await join(app, 'editor');
      const made = await editor.post('/connections', { ...FORM, slug: 'theirs' });

      const renamed = await edit(editor, 'partner', { ...plain, name: 'Renamed', baseUrl: 'http://127.0.0.1:9/v2' });
      const armed = await edit(editor, 'theirs', { ...FORM, authType: 'bearer', bearerToken: 'their-own-token' });
      const moved = await edit(editor, 'theirs', { ...FORM, baseUrl: 'http://127.0.0.1:10' });

      expect([made.status, renamed.status, armed.status, moved.status]).toEqual([303, 303, 403, 403]);
      expect(rows(app)[0]).toMatchObject({ name: 'Renamed', base_url: 'http://127.0.0.1:9/v2' });
    });
  });
});

describe('every page of connections and exchanges', () => {
  const pages: [method: 'GET' | 'POST', path: string, viewer: number, editor: number, owner: number][] = [
    ['GET', '/', 200, 200, 200],
    ['GET', '/connections', 200, 200, 200],
    ['GET', '/connections/partner', 200, 200, 200],
    ['GET', '/exchanges', 200, 200, 200],
    ['GET', '/exchanges/EXCHANGE', 200, 200, 200],
    ['GET', '/exchanges/EXCHANGE/response-body', 200, 200, 200],
    ['GET', '/connections/new', 403, 200, 200],
    ['GET', '/connections/partner/edit', 403, 200, 200],
    ['GET', '/connections/partner/deletion', 403, 403, 200],
    ['POST', '/connections', 403, 422, 422],
    ['POST', '/connections/partner', 403, 422, 422],
    ['POST', '/connections/partner/exchanges', 403, 303, 303],
    ['POST', '/connections/partner/deletion', 403, 403, 303],
  ];

  test('lets in who may, shows nothing to strangers and sends the rest to the sign-in', async () => {
    await using api = await openApi();
    await withOwner(async (app, owner) => {
      await owner.post('/connections', { ...FORM, name: 'Hidden from strangers', baseUrl: api.origin });
      const id = await owner.call('partner', 'GET', '/orders');
      const people = [await join(app, 'viewer'), await join(app, 'editor'), owner];
      const strangers = await join(app, 'owner', 'elsewhere');
      const nobody = app.client();
      const fields = { method: 'GET', path: '/orders' };

      for (const [method, route, ...wanted] of pages) {
        const path = route.replace('EXCHANGE', id);
        const ask = (browser: Client) => (method === 'GET' ? browser.get(path) : browser.post(path, fields));
        const outside = await ask(nobody);
        const stranger = await ask(strangers);
        const statuses = [];
        for (const browser of people) statuses.push((await ask(browser)).status);

        expect([method, route, ...statuses]).toEqual([method, route, ...wanted]);
        expect(outside.location).toMatch(/^\/sign-in/);
        const isTheirs = route.includes('partner') || route.includes('EXCHANGE');
        if (isTheirs) expect([route, stranger.status]).toEqual([route, 404]);
        expect(stranger.text).not.toContain('Hidden from strangers');
      }
      expect(rows(app)).toEqual([]);
    });
  });

  test('a viewer sees no way to send or edit', async () => {
    await withOwner(async (app, owner) => {
      await owner.post('/connections', FORM);
      const page = await (await join(app, 'viewer')).get('/connections/partner');

      expect(page.text).not.toMatch(/partner\/(edit|deletion|exchanges"|grant)/);
    });
  });
});

describe('what is not there', () => {
  const shared = sharedApp();

  test.each([
    '/connections/nobody',
    '/connections/nobody/edit',
    '/exchanges/none',
    '/exchanges/0193d5a0-0000-7000-8000-000000000000',
    '/exchanges/0193d5a0-0000-7000-8000-000000000000/response-body',
  ])('%s is told as such', async (path) => {
    expect((await shared.owner.get(path)).status).toBe(404);
  });
});
