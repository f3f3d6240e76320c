import { describe, expect, test } from '@jest/globals';
import {
  type AuthSecrets,
  type ExtraParameter,
  type OAuth2Settings,
  type Quirks,
  USUAL_OAUTH2,
} from '../../src/kernel/auth.ts';
import { Misconfigured } from '../../src/kernel/errors.ts';
import type { OutboundRequest } from '../../src/kernel/exchange.ts';
import { headerValue } from '../../src/kernel/headers.ts';
import { readCallback } from '../../src/oauth/authorization.ts';
import { madeFor, sentFields } from '../../src/oauth/sent-fields.ts';
import { type TokenGrant, tokenRequest } from '../../src/oauth/token-request.ts';
import { CLIENT_SECRET, SENT_AT, settingsWith } from './answers.ts';
import { isSignedBy, KEYS, takenApart } from './jws.ts';

const SENT_S = SENT_AT.getTime() / 1000;
const TOKEN_URL = 'https://id.partner.example/token';
const ACCESS_TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:access_token';
const ASKING = { scope: 'orders', resource: ['https://a.example/', 'https://b.example/'], audience: 'api' };
const SECRETS: AuthSecrets = {
  clientSecret: CLIENT_SECRET,
  privateKey: KEYS.ES256,
  password: 'the password',
  subjectToken: 'the subject',
  dpopKey: KEYS.EdDSA,
};
const REFRESH: TokenGrant = { kind: 'refresh', refreshToken: 'r1' };
const TOOLS = { clock: { now: () => SENT_AT }, newId: () => 'id-1' };

const asked = (grant: TokenGrant, others: Partial<OAuth2Settings> = {}, secrets = SECRETS, nonce?: string) =>
  tokenRequest(settingsWith({ clientAuthentication: 'none', ...others }), secrets, grant, {
    ...TOOLS,
    ...(nonce && { nonce }),
  });
const fieldsOf = async (...how: Parameters<typeof asked>) => [...sentFields(await asked(...how))];
const textOf = ({ body }: OutboundRequest) => new TextDecoder().decode(body ?? undefined);

function codeGrant(): TokenGrant {
  const reply = readCallback(settingsWith(), new URLSearchParams({ code: 'c0de', state: 'st' }), 'st');
  if (reply.kind !== 'code') throw new Error(reply.detail);
  return { kind: 'code', callback: reply.callback, verifier: 'v'.repeat(43), redirectUri: 'http://127.0.0.1/cb' };
}

describe('A grant', () => {
  const resources = ASKING.resource.map((resource) => ['resource', resource]);
  const scope = ['scope', 'orders'];
  const audience = ['audience', 'api'];

  test.each<[string, TokenGrant, string[][]]>([
    ['refresh', REFRESH, resources],
    ['code', codeGrant(), resources],
    ['device', { kind: 'device', deviceCode: 'd1' }, resources],
    ['client-credentials', { kind: 'client-credentials' }, [scope, audience, ...resources]],
    ['jwt-bearer', { kind: 'jwt-bearer' }, [scope, audience, ...resources]],
    ['token-exchange', { kind: 'token-exchange' }, [scope, audience, ...resources]],
    ['password', { kind: 'password' }, [scope, audience, ...resources]],
  ])('asks for what its kind may ask for: %s', async (_kind, grant, expected) => {
    const fields = await fieldsOf(grant, { ...ASKING, username: 'mia' });
    expect(fields.filter(([name]) => /^(scope|audience|resource)$/.test(name ?? ''))).toEqual(expected);
  });

  test('is a device code’s', async () => {
    expect(Object.fromEntries(await fieldsOf({ kind: 'device', deviceCode: 'd1' }))).toEqual({
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: 'd1',
      client_id: 'abc',
    });
  });

  test('is a person’s, by user name and password', async () => {
    expect(Object.fromEntries(await fieldsOf({ kind: 'password' }, { username: 'mia', scope: null }))).toEqual({
      grant_type: 'password',
      username: 'mia',
      password: 'the password',
      client_id: 'abc',
    });
    await expect(asked({ kind: 'password' }, {})).rejects.toThrow('no user name');
    await expect(asked({ kind: 'password' }, { username: 'mia' }, {})).rejects.toThrow('no password');
  });

  test('is another token’s, with its type and an actor only where one is held', async () => {
    const grant = { kind: 'token-exchange' } as const;
    const plain = Object.fromEntries(await fieldsOf(grant, { scope: null }));
    expect(plain).toEqual({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: 'the subject',
      subject_token_type: ACCESS_TOKEN_TYPE,
      client_id: 'abc',
    });
    const types = { subjectTokenType: 'urn:x:jwt', actorTokenType: null, requestedTokenType: 'urn:x:saml2' };
    const full = await fieldsOf(grant, { scope: null, ...types }, { ...SECRETS, actorToken: 'the actor' });
    expect(Object.fromEntries(full)).toMatchObject({
      subject_token_type: 'urn:x:jwt',
      actor_token: 'the actor',
      actor_token_type: ACCESS_TOKEN_TYPE,
      requested_token_type: 'urn:x:saml2',
    });
    await expect(asked(grant, {}, {})).rejects.toThrow(Misconfigured);
  });

  test('is an assertion’s, for five minutes', async () => {
    const request = await asked({ kind: 'jwt-bearer' });
    const assertion = sentFields(request).get('assertion') ?? '';
    expect(sentFields(request).get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
    expect(takenApart(assertion).claims).toEqual({
      iss: 'abc',
      sub: 'abc',
      aud: TOKEN_URL,
      iat: SENT_S,
      exp: SENT_S + 300,
      jti: 'id-1',
    });
    expect(isSignedBy(assertion, KEYS.ES256, 'ES256')).toBe(true);
    expect(madeFor(request)).toEqual([assertion]);
  });

  test('is an assertion’s with claims of one’s own', async () => {
    const assertionClaims = {
      sub: 'robot@partner.example',
      scope: 'orders',
      aud: 'https://else.example',
      groups: ['a'],
    };
    const request = await asked({ kind: 'jwt-bearer' }, { assertionClaims, keyId: 'k-9' });
    const { header, claims } = takenApart(sentFields(request).get('assertion') ?? '');
    expect(header).toEqual({ alg: 'ES256', typ: 'JWT', kid: 'k-9' });
    expect(claims).toMatchObject({ iss: 'abc', ...assertionClaims });
  });
});

describe('A token request that proves possession', () => {
  test.each([
    ['refresh', REFRESH],
    ['code', codeGrant()],
    ['device', { kind: 'device', deviceCode: 'd1' }],
    ['client-credentials', { kind: 'client-credentials' }],
  ] as [string, TokenGrant][])('does so for each grant: %s', async (_kind, grant) => {
    const request = await asked(grant, { dpop: true, tokenUrl: `${TOKEN_URL}?tenant=7` }, SECRETS, 'n-1');
    const proof = headerValue(request.headers, 'dpop') ?? '';
    expect(takenApart(proof).claims).toEqual({ jti: 'id-1', htm: 'POST', htu: TOKEN_URL, iat: SENT_S, nonce: 'n-1' });
    expect(isSignedBy(proof, KEYS.EdDSA, 'EdDSA')).toBe(true);
    expect(madeFor(request)).toEqual([proof]);
  });

  test('does so only where tokens are to be bound, and not without a key', async () => {
    expect(headerValue((await asked(REFRESH)).headers, 'dpop')).toBeNull();
    await expect(asked(REFRESH, { dpop: true }, { clientSecret: 'x' })).rejects.toThrow(Misconfigured);
  });
});

describe('A parameter of one’s own', () => {
  const parameter = (phase: string, place: string, name: string, value = 'mine') =>
    ({ phase, in: place, name, value }) as ExtraParameter;

  test('goes where it belongs, as often as it is given', async () => {
    const parameters = [
      parameter('token', 'query', 'tenant', '7 & 8'),
      parameter('token', 'body', 'group', 'a'),
      parameter('token', 'body', 'group', 'b'),
      parameter('token', 'header', 'X-Tenant', '7'),
      parameter('refresh', 'body', 'late', '1'),
      parameter('authorize', 'query', 'prompt', 'consent'),
    ];
    const first = await asked({ kind: 'client-credentials' }, { parameters });
    expect(first.url).toBe(`${TOKEN_URL}?tenant=7+%26+8`);
    expect(new URLSearchParams(textOf(first)).getAll('group')).toEqual(['a', 'b']);
    expect(first.headers).toContainEqual(['X-Tenant', '7']);
    expect(sentFields(first).has('late')).toBe(false);

    const again = await asked(REFRESH, { parameters });
    expect(again.url).toBe(TOKEN_URL);
    expect(sentFields(again).get('late')).toBe('1');
    expect([...sentFields(again).keys(), ...again.headers.map(([name]) => name)]).not.toContain('prompt');
  });

  test.each([
    ['body', 'grant_type', 'refresh_token'],
    ['body', 'refresh_token', 'r1'],
    ['body', 'client_id', 'abc'],
    ['header', 'Content-Type', 'application/x-www-form-urlencoded;charset=UTF-8'],
  ])('never speaks in the standard’s place: %s %s', async (place, name, expected) => {
    const request = await asked(REFRESH, { parameters: [parameter('refresh', place, name)] });
    const fields = sentFields(request);
    expect(place === 'body' ? fields.getAll(name) : [headerValue(request.headers, name)]).toEqual([expected]);
  });

  test.each(['dpop', 'Authorization', 'host', 'Content-Length', 'connection', 'Transfer-Encoding', 'proxy-x'])(
    'never becomes the header %s that a request has or must not have',
    async (name) => {
      const method = { clientAuthentication: 'client_secret_basic', dpop: true } as const;
      const request = await asked(REFRESH, { ...method, parameters: [parameter('refresh', 'header', name)] });
      expect(request.headers.filter(([, value]) => value === 'mine')).toEqual([]);
    },
  );

  test('may say what the standard leaves open: a scope on refreshing, and what is accepted', async () => {
    const parameters = [parameter('refresh', 'body', 'scope'), parameter('refresh', 'header', 'Accept', 'text/x')];
    const request = await asked(REFRESH, { parameters });
    expect(sentFields(request).get('scope')).toBe('mine');
    expect(request.headers.filter(([name]) => name.toLowerCase() === 'accept')).toEqual([['Accept', 'text/x']]);
  });
});

describe('A provider with ways of its own', () => {
  const quirks = (others: Partial<Quirks>) => ({ quirks: { ...USUAL_OAUTH2.quirks, ...others } });

  test('gets JSON', async () => {
    const request = await asked({ kind: 'client-credentials' }, { ...ASKING, ...quirks({ jsonBody: true }) });
    expect(headerValue(request.headers, 'content-type')).toBe('application/json');
    expect(JSON.parse(textOf(request))).toEqual({
      grant_type: 'client_credentials',
      client_id: 'abc',
      ...ASKING,
    });
    expect(sentFields(request).getAll('resource')).toEqual(ASKING.resource);
  });

  test.each(['client_secret_basic', 'client_secret_post'] as const)(
    'gets the secret in the query and nowhere else, whatever is usual: %s',
    async (clientAuthentication) => {
      const others = { clientAuthentication, tokenUrl: `${TOKEN_URL}?a=1`, ...quirks({ secretInQuery: true }) };
      const request = await asked(REFRESH, others);
      expect([...new URL(request.url).searchParams]).toEqual([
        ['a', '1'],
        ['client_id', 'abc'],
        ['client_secret', CLIENT_SECRET],
      ]);
      expect(textOf(request)).toBe('refresh_token=r1&grant_type=refresh_token');
      expect(headerValue(request.headers, 'authorization')).toBeNull();
    },
  );

  test('gets a public client’s id in the query, and an assertion in the body all the same', async () => {
    const open = await asked(REFRESH, quirks({ secretInQuery: true }));
    expect(open.url).toBe(`${TOKEN_URL}?client_id=abc`);
    const signed = await asked(REFRESH, {
      clientAuthentication: 'private_key_jwt',
      ...quirks({ secretInQuery: true }),
    });
    expect(signed.url).toBe(TOKEN_URL);
    expect(textOf(signed)).toContain('client_assertion=');
  });
});
