import { describe, expect, test } from '@jest/globals';
import { everyFormOf, Shown } from '../support/absence.ts';
import { openApp, OWNER, type TestApp } from '../support/app.ts';
import type { Client, Reply } from '../support/client.ts';
import { Program, withKey } from '../support/program.ts';
import { found, type Place } from '../support/residue.ts';

const PASSWORDS = {
  first: `nine "quoted" wörds / one`,
  second: 'änother 20% of+words & more',
  wrong: 'a wrong one, typed',
};

/** A browser whose every answer is kept, cookies aside: those are for it alone. */
function watched(client: Client, shown: Shown) {
  const keep = (what: string, reply: Reply) => {
    const headers = [...reply.headers].filter(([name]) => name !== 'set-cookie');
    return shown.keep(what, reply, headers, reply.text);
  };
  return {
    cookies: client.cookies,
    get: async (path: string) => keep(`GET ${path.split('?', 1)[0]}`, await client.get(path)),
    post: async (path: string, fields: Record<string, string> = {}) =>
      keep(`POST ${path}`, await client.post(path, fields)),
  };
}
type Watched = ReturnType<typeof watched>;

/** The places that were shown since then, out of the others: what is in them is meant to be seen. */
function takeOut(shown: Shown, from: number): Place[] {
  return shown.places.splice(from);
}

async function signedIn(app: TestApp, shown: Shown): Promise<Watched> {
  const browser = watched(app.client(), shown);
  await browser.post('/sign-in', { email: OWNER.email, password: PASSWORDS.wrong });
  await browser.post('/sign-in', OWNER);
  return browser;
}

async function lookAround(browser: Watched): Promise<void> {
  for (const path of ['/', '/keys', '/people', '/account', '/connections', '/exchanges']) await browser.get(path);
}

describe('a workspace that gets people and keys', () => {
  test('shows a link and a key once, and passwords and sign-ins never', async () => {
    await using app = await openApp({ LOG_LEVEL: 'debug' });
    const shown = new Shown();
    const owner = await signedIn(app, shown);
    const secrets: Record<string, string> = { ...PASSWORDS, ownerPassword: OWNER.password };
    const seen = (browser: Watched, whose: string) => {
      for (const [name, value] of browser.cookies) secrets[`${whose}: ${name}`] = value;
    };

    await owner.post('/invitations', { note: '', role: 'editor' });
    const links = [];
    for (const note of ['Ada', 'withdrawn']) {
      const from = shown.places.length;
      const made = await owner.post('/invitations', { note, role: 'editor' });
      expect(found({ link: ['/invitation?token='] }, takeOut(shown, from))).toHaveLength(1);
      links.push(/token=([\w-]{20,})/.exec(made.text)?.[1] ?? '');
    }
    const [token = '', withdrawn = ''] = links;
    const from = shown.places.length;
    await owner.post('/keys', { name: 'ci', role: 'spy', expires: 'never' });
    const wrongForm = takeOut(shown, from);
    const made = await owner.post('/keys', { name: 'ci', role: 'viewer', expires: 'never' });
    const key = /cbk_[\w-]{43}/.exec(made.text)?.[0] ?? '';
    expect(found({ key: [key] }, takeOut(shown, from))).toEqual(['key in POST /keys']);
    shown.places.push(...wrongForm);
    await lookAround(owner);
    const gone = /\/invitations\/([\w-]+)\/deletion/.exec((await owner.get('/people')).text)?.[1] ?? '';
    await owner.post(`/invitations/${gone}/deletion`);

    // Whoever holds the link sees it in their form; nobody else does.
    const held = shown.places.length;
    const ada = watched(app.client(), shown);
    await ada.get(`/invitation?token=${token}`);
    await ada.post('/invitation', { token, email: 'ada', password: PASSWORDS.first });
    await ada.post('/invitation', { token, email: 'ada@example.org', password: 'short' });
    await ada.post('/invitation', { token, email: OWNER.email, password: PASSWORDS.first });
    const form = takeOut(shown, held);
    expect(found({ token: [token] }, form)).not.toEqual([]);
    const joined = await ada.post('/invitation', { token, email: 'ada@example.org', password: PASSWORDS.first });
    expect([joined.status, joined.location]).toEqual([303, '/']);
    seen(ada, 'ada at first');
    await ada.get(`/invitation?token=${token}`);
    await ada.get(`/invitation?token=${withdrawn}`);
    await ada.post('/account/password', { currentPassword: PASSWORDS.wrong, newPassword: PASSWORDS.second });
    await ada.post('/account/password', { currentPassword: PASSWORDS.first, newPassword: PASSWORDS.second });
    await lookAround(ada);
    const again = watched(app.client(), shown);
    await again.post('/sign-in', { email: 'ada@example.org', password: PASSWORDS.second });
    await lookAround(again);
    seen(again, 'ada again');

    const program = new Program(app.url, withKey(key));
    for (const [method, path, headers] of [
      ['GET', '/api/v1/connections', {}],
      ['GET', '/_token_refresh', {}],
      ['POST', '/api/v1/connections', {}],
      ['GET', `/api/v1/connections?token=${key}`, {}],
      ['GET', '/api/v1/connections', { 'callbook-key': key }],
      ['GET', '/proxy/none/x', { 'callbook-key': key }],
      ['GET', `/proxy/none/x?${key}`, {}],
      ['GET', '/api/v1/connections', { authorization: `Bearer ${key}x` }],
      ['GET', '/keys', {}],
    ] as const) {
      const reply = await program.ask(method, path, { headers });
      shown.keep(`${method} ${path.split('?', 1)[0]} by key`, reply, reply.headers, reply.bytes);
    }
    const id = /\/keys\/([\w-]+)\/revocation/.exec((await owner.get('/keys')).text)?.[1] ?? '';
    await owner.post(`/keys/${id}/revocation`);
    const revoked = await program.ask('GET', '/api/v1/connections');
    shown.keep('after its revocation', revoked, revoked.headers, revoked.bytes);
    await lookAround(owner);
    seen(owner, 'owner');
    await owner.post('/sign-out');

    expect([revoked.status, Object.keys(secrets).length]).toEqual([401, 7]);
    Object.assign(secrets, { key, token, withdrawn });
    expect(await shown.leaks(secrets, app)).toEqual([]);
    expect(found(everyFormOf({ ...PASSWORDS, key }), form)).toEqual([]);
    expect(found({ ending: [`…${key.slice(-4)}`] }, shown.places)).toContain('ending in GET /keys');
  }, 60_000);
});
