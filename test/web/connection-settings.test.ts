import { describe, expect, test } from '@jest/globals';
import { openApp, type TestApp } from '../support/app.ts';
import type { Client } from '../support/client.ts';
import { formFields } from '../support/form-fields.ts';
import { rowsOf } from '../support/kept-exchanges.ts';
import { newKey } from '../support/keys.ts';
import { Program, withKey } from '../support/program.ts';
import { EVERY_SETTING, PRIVATE_KEY, SECRETS } from './every-setting.ts';

interface Shown {
  readonly auth: Readonly<Record<string, unknown>>;
}

const rows = (app: TestApp) => rowsOf(app.databaseFile, 'select * from connection');
const grants = (app: TestApp) => rowsOf(app.databaseFile, 'select * from "grant"');

async function made(owner: Client, app: TestApp): Promise<{ readonly program: Program; readonly shown: Shown }> {
  const program = new Program(app.url, withKey(await newKey(owner, 'owner')));
  const reply = await program.ask('POST', '/api/v1/connections', { json: EVERY_SETTING });
  if (reply.status !== 201) throw new Error(reply.text);
  return { program, shown: reply.json<Shown>() };
}

describe('a connection with every setting, made by a program', () => {
  test('shows each of them as it was given, and a mark for each secret', async () => {
    await using app = await openApp();
    const { shown } = await made(await app.owner(), app);

    const marks = Object.fromEntries(Object.keys(SECRETS).map((name) => [name, { set: true }]));
    const { auth, ...plain } = EVERY_SETTING;
    expect(shown).toMatchObject(plain);
    expect(shown.auth).toEqual({ ...auth, ...marks, expiresIn: null });
  });

  test.each<[string, (html: string) => Record<string, string>]>([
    ['with all its fields', (html) => formFields(html, '/connections/everything')],
    [
      'of an older page, which has but the usual fields',
      (html) => {
        const { name, slug, baseUrl, origins, headers, ...rest } = formFields(html, '/connections/everything');
        const { timeoutMs, width, keepAlive, maskNames, authType } = rest;
        return { name, slug, baseUrl, origins, headers, timeoutMs, width, keepAlive, maskNames, authType } as Record<
          string,
          string
        >;
      },
    ],
  ])('is the same after its form was sent %s and another name', async (_what, fieldsOf) => {
    await using app = await openApp();
    const owner = await app.owner();
    const { program } = await made(owner, app);
    const { updated_at: _then, ...was } = rows(app)[0] ?? {};
    const grant = grants(app);
    const { text } = await owner.get('/connections/everything/edit');

    const reply = await owner.post('/connections/everything', { ...fieldsOf(text), name: 'Renamed' });

    const { updated_at: _now, ...is } = rows(app)[0] ?? {};
    expect([reply.status, reply.location]).toEqual([303, '/connections/everything']);
    expect(is).toEqual({ ...was, name: 'Renamed' });
    expect(grants(app)).toEqual(grant);
    expect((await program.ask('GET', '/api/v1/connections/everything')).json()).toMatchObject({ name: 'Renamed' });
  });
});

describe('the form of a connection that signs with a key', () => {
  const FORM = {
    name: 'Signed',
    slug: 'signed',
    baseUrl: 'https://api.partner.example',
    timeoutMs: '30000',
    width: '8',
    authType: 'oauth2',
    grantType: 'client_credentials',
    tokenUrl: 'https://id.partner.example/token',
    clientId: 'abc',
    clientAuthentication: 'private_key_jwt',
  };
  const kidIn = ({ text }: { readonly text: string }) => /&quot;kid&quot;: &quot;([\w-]+)&quot;/.exec(text)?.[1];

  test('shows the public half to be registered, and makes a new key where its box is ticked', async () => {
    await using app = await openApp();
    const owner = await app.owner();
    await owner.post('/connections', FORM);
    const first = await owner.get('/connections/signed/edit');
    const fields = formFields(first.text, '/connections/signed');

    const same = await owner.post('/connections/signed', fields);
    const second = await owner.get('/connections/signed/edit');
    await owner.post('/connections/signed', { ...fields, newPrivateKey: 'on' });
    const third = await owner.get('/connections/signed/edit');

    expect(fields['newPrivateKey']).toBeUndefined();
    expect([same.status, kidIn(first), kidIn(second)]).toEqual([303, expect.stringMatching(/^.{43}$/), kidIn(first)]);
    expect(kidIn(third)).toMatch(/^.{43}$/);
    expect(kidIn(third)).not.toBe(kidIn(first));
    expect(first.text).not.toContain('&quot;d&quot;');
  });

  test('takes a key that was pasted, and gives no key back with its faults', async () => {
    await using app = await openApp();
    const owner = await app.owner();
    const typed = { ...FORM, signingAlgorithm: 'ES256', privateKey: PRIVATE_KEY.replaceAll('\n', '\r\n') };

    const refused = await owner.post('/connections', typed);
    const made = await owner.post('/connections', { ...typed, signingAlgorithm: 'RS256' });

    expect(refused.status).toBe(422);
    expect(refused.text).toContain('ES256 signs with an EC key on the curve P-256; this is an RSA key of 2,048 bits.');
    expect(refused.text).not.toContain(PRIVATE_KEY.split('\n')[1]);
    expect([made.status, rows(app).length]).toEqual([303, 1]);
  });
});

describe('a form with settings that cannot be', () => {
  test('says in which line, opens what is folded away, and keeps what was typed', async () => {
    await using app = await openApp();
    const owner = await app.owner();
    const typed = {
      name: 'Partner',
      baseUrl: 'https://api.partner.example',
      authType: 'oauth2',
      grantType: 'password',
      tokenUrl: 'https://id.partner.example/token',
      clientId: 'abc',
      clientAuthentication: 'none',
      grantPassword: 'planted-password',
      parameters: '\r\nauthorize query prompt=consent\r\n\r\ntoken body grant_type=mine\r\n',
      resource: 'https://a.example/\r\norders',
      assertionClaims: '{"sub": ',
      tokenPath: 'a..b',
      ticks: 'requiresIss dpop jsonBody secretInQuery expiresInMs',
      secretInQuery: 'on',
    };
    const sentences = (text: string) =>
      Object.fromEntries([...text.matchAll(/id="(\w+)-error">([^<]*)/g)].map(([, name, words]) => [name, words]));

    const unreadable = await owner.post('/connections', typed);
    const { resource: _relative, assertionClaims: _cut, ...readable } = typed;
    const impossible = await owner.post('/connections', readable);
    const unread = await owner.post('/connections', { ...readable, parameters: 'prompt=consent' });

    expect([unreadable.status, impossible.status, unread.status]).toEqual([422, 422, 422]);
    expect(sentences(unreadable.text)).toEqual({
      resource: expect.stringMatching(/^Line 2: Write an absolute URI/),
      assertionClaims: 'Write the claims as a JSON object.',
    });
    expect(sentences(impossible.text)).toEqual({
      grantUsername: 'Write whose password it is.',
      parameters: 'Line 4: &quot;grant_type&quot; is a parameter of the standard and is set by Callbook.',
      secretInQuery: expect.stringMatching(/only where a secret proves the client/),
      tokenPath: expect.stringMatching(/names of members/),
    });
    expect(sentences(unread.text)).toEqual({ parameters: expect.stringMatching(/^Line 1: Write authorize, token/) });
    const again = formFields(impossible.text, '/connections');
    expect(again).toMatchObject({ ...readable, grantPassword: '' });
    expect(impossible.text.match(/<details open>/g)).toHaveLength(2);
    expect(unreadable.text + impossible.text + unread.text).not.toContain('planted-password');
    expect(rows(app)).toEqual([]);
  });

  test('takes the same settings once they can be, each from its field', async () => {
    await using app = await openApp();
    const owner = await app.owner();
    await owner.post('/connections', {
      name: 'Partner',
      baseUrl: 'https://api.partner.example',
      authType: 'oauth2',
      grantType: 'password',
      tokenUrl: 'https://id.partner.example/token',
      clientId: 'abc',
      clientAuthentication: 'none',
      grantUsername: 'svc',
      grantPassword: 'planted-password',
      parameters: 'token body tenant=a b \r\n',
      resource: ' urn:a \r\n\r\n urn:b',
      assertionClaims: '{"sub": "svc"}',
      tokenPath: 'data',
      jsonBody: 'on',
      dpop: 'on',
    });

    expect(JSON.parse(String(rows(app)[0]?.['auth']))).toMatchObject({
      grantType: 'password',
      username: 'svc',
      parameters: [{ phase: 'token', in: 'body', name: 'tenant', value: 'a b ' }],
      resource: ['urn:a', 'urn:b'],
      assertionClaims: { sub: 'svc' },
      quirks: { jsonBody: true, secretInQuery: false, tokenPath: 'data', expiresInMs: false },
      dpop: true,
    });
    const page = await owner.get('/connections/partner/edit');
    expect(page.text).not.toContain('planted-password');
    const cleared = {
      ...formFields(page.text, '/connections/partner'),
      resource: '',
      assertionClaims: '',
      tokenPath: '',
    };
    const { jsonBody: _unticked, ...rest } = cleared as Record<string, string>;
    await owner.post('/connections/partner', rest);
    expect(JSON.parse(String(rows(app)[0]?.['auth']))).toMatchObject({
      resource: [],
      assertionClaims: {},
      quirks: { jsonBody: false, tokenPath: null },
      dpop: true,
    });
  });
});
