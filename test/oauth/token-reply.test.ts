import { describe, expect, test } from '@jest/globals';
import { type OAuth2Settings, USUAL_OAUTH2 } from '../../src/kernel/auth.ts';
import type { Outcome } from '../../src/kernel/exchange.ts';
import type { HeaderPairs } from '../../src/kernel/headers.ts';
import { readTokenReply } from '../../src/oauth/token-reply.ts';
import { answered, failed, jwtWith, resultOf, SENT_AT, settingsWith, TOKEN } from './answers.ts';

const MINUTE = 60;
const DAY = 24 * 60 * MINUTE;
const SENT_S = SENT_AT.getTime() / 1000;
const HTML: HeaderPairs = [['content-type', 'text/html']];
const FORM: HeaderPairs = [['content-type', 'application/x-www-form-urlencoded']];

const read = (outcome: Outcome, others: Partial<OAuth2Settings> = {}) =>
  readTokenReply(resultOf(outcome), settingsWith(others));
const quirks = (others: Partial<OAuth2Settings['quirks']>) => ({ quirks: { ...USUAL_OAUTH2.quirks, ...others } });

/** What the answer is · the answer · seconds it lasts · its refresh token · its scope. */
const GRANTED: [string, Outcome, number, string | null, string | null][] = [
  ['a plain 200', answered(200, TOKEN), 3600, 'new-refresh', null],
  ['a 201', answered(201, TOKEN), 3600, 'new-refresh', null],
  ['a 200 that calls itself text/html', answered(200, TOKEN, HTML), 3600, 'new-refresh', null],
  ['a 200 with a byte order mark', answered(200, `\uFEFF${JSON.stringify(TOKEN)}`), 3600, 'new-refresh', null],
  ['a form', answered(200, 'access_token=a%2Bb&expires_in=60&scope=x+y', FORM), 60, null, 'x y'],
  ['a form that is called plain text', answered(200, 'expires_in=60&access_token=abc'), 60, null, null],
  ['no refresh token', answered(200, { ...TOKEN, refresh_token: undefined }), 3600, null, null],
  ['an empty refresh token', answered(200, { ...TOKEN, refresh_token: '' }), 3600, null, null],
  ['a null refresh token', answered(200, { ...TOKEN, refresh_token: null }), 3600, null, null],
  ['a scope', answered(200, { ...TOKEN, scope: 'orders' }), 3600, 'new-refresh', 'orders'],
  ['a scope that is no text', answered(200, { ...TOKEN, scope: ['orders'] }), 3600, 'new-refresh', null],
  ['no token_type', answered(200, { ...TOKEN, token_type: undefined }), 3600, 'new-refresh', null],
  ['token_type in another case', answered(200, { ...TOKEN, token_type: 'BEARER' }), 3600, 'new-refresh', null],
  ['a token_type of its own', answered(200, { ...TOKEN, token_type: 'bot' }), 3600, 'new-refresh', null],
  ['an ID token nobody can check', answered(200, { ...TOKEN, id_token: 'x.y.z' }), 3600, 'new-refresh', null],
  ['an empty error beside the token', answered(200, { ...TOKEN, error: '' }), 3600, 'new-refresh', null],
  ['expires_in as text', answered(200, { ...TOKEN, expires_in: '7200' }), 7200, 'new-refresh', null],
  ['expires_in with a fraction', answered(200, { ...TOKEN, expires_in: 59.5 }), 59.5, 'new-refresh', null],
  ['no expires_in', answered(200, { ...TOKEN, expires_in: undefined }), 55 * MINUTE, 'new-refresh', null],
  ['expires_in null', answered(200, { ...TOKEN, expires_in: null }), 55 * MINUTE, 'new-refresh', null],
  ['expires_in 0', answered(200, { ...TOKEN, expires_in: 0 }), 55 * MINUTE, 'new-refresh', null],
  ['expires_in below 0', answered(200, { ...TOKEN, expires_in: -1 }), 55 * MINUTE, 'new-refresh', null],
  ['expires_in in words', answered(200, { ...TOKEN, expires_in: 'soon' }), 55 * MINUTE, 'new-refresh', null],
  ['expires_in as empty text', answered(200, { ...TOKEN, expires_in: ' ' }), 55 * MINUTE, 'new-refresh', null],
  ['expires_in of a year', answered(200, { ...TOKEN, expires_in: 365 * DAY }), 90 * DAY, 'new-refresh', null],
  ['expires_in beyond every number', answered(200, '{"access_token":"a","expires_in":1e400}'), 90 * DAY, null, null],
  ['its end cut off, but the object whole', failed('timeout', true, answered(200, TOKEN)), 3600, 'new-refresh', null],
];

describe('An answer with a token', () => {
  test.each(GRANTED)('is a grant with %s', async (_what, outcome, seconds, refreshToken, scope) => {
    const expiresAt = new Date(SENT_AT.getTime() + seconds * 1000);
    const life = { tokenType: 'bearer', expiresAt, refreshExpiresAt: null };
    const tokens = { ...life, accessToken: expect.any(String), refreshToken, scope };
    expect(await read(outcome)).toEqual({ kind: 'granted', tokens });
  });

  test('keeps the access token as it came', async () => {
    expect(await read(answered(200, 'access_token=a%2Bb%3D', FORM))).toMatchObject({ tokens: { accessToken: 'a+b=' } });
  });
});

/** The JWT's claims · expires_in · seconds from the sending. */
const JWTS: [string, object, number | undefined, number][] = [
  ['lasts until its exp', { exp: SENT_S + 600 }, undefined, 600],
  ['lasts exp minus iat where their clock is ahead', { exp: SENT_S + 4200, iat: SENT_S + 600 }, undefined, 3600],
  ['lasts the rest where it comes from a cache', { exp: SENT_S + 600, iat: SENT_S - 3000 }, undefined, 600],
  ['is not dead on arrival where their clock is behind', { exp: SENT_S - 10, iat: SENT_S - 3610 }, undefined, 3600],
  ['lasts 55 minutes where exp is long past', { exp: SENT_S - 10 }, undefined, 55 * MINUTE],
  ['lasts 55 minutes where exp is no number', { exp: 'tomorrow' }, undefined, 55 * MINUTE],
  ['lasts at most 90 days', { exp: SENT_S + 900 * DAY }, undefined, 90 * DAY],
  ['goes by expires_in where there is one', { exp: SENT_S + 600 }, 3600, 3600],
];

describe('An access token that is a JWT', () => {
  test.each(JWTS)('%s', async (_what, claims, expires_in, seconds) => {
    const reply = await read(answered(200, { access_token: jwtWith(claims), expires_in }));
    expect(reply).toMatchObject({ tokens: { expiresAt: new Date(SENT_AT.getTime() + seconds * 1000) } });
  });

  test('lasts 55 minutes where its claims are no JSON', async () => {
    const reply = await read(answered(200, { access_token: 'a.b.c' }));
    expect(reply).toMatchObject({ tokens: { expiresAt: new Date(SENT_AT.getTime() + 55 * MINUTE * 1000) } });
  });
});

/** token_type · whether tokens are bound · how it is sent. */
const TYPES: [unknown, boolean, string][] = [
  ['DPoP', true, 'dpop'],
  ['dpop', true, 'dpop'],
  ['Bearer', true, 'bearer'],
  [undefined, true, 'bearer'],
  ['bot', false, 'bearer'],
  [7, false, 'bearer'],
];

describe('A token’s type', () => {
  test.each(TYPES)('%p, asked for with DPoP: %p, is told as %s', async (token_type, dpop, tokenType) => {
    expect(await read(answered(200, { ...TOKEN, token_type }), { dpop })).toMatchObject({ tokens: { tokenType } });
  });

  test.each([
    ['DPoP', false],
    ['mac', false],
    ['PoP', true],
    ['N_A', false],
  ])('stops what cannot be sent: %s, asked for with DPoP: %p', async (token_type, dpop) => {
    const reply = await read(answered(200, { ...TOKEN, token_type }), { dpop });
    expect(reply).toMatchObject({ kind: 'misconfigured', code: 'token-type' });
    expect(JSON.stringify(reply)).not.toContain(TOKEN.access_token);
  });
});

const after = (seconds: number) => new Date(SENT_AT.getTime() + seconds * 1000);

describe('A refresh token that ends', () => {
  test.each([
    [{ refresh_expires_in: 1800 }, after(1800)],
    [{ refresh_token_expires_in: '15811200' }, after(15811200)],
    [{ refresh_expires_in: 0 }, null],
    [{ refresh_expires_in: 'never' }, null],
    [{ refresh_expires_in: 1e300 }, null],
  ])('is told: %j', async (fields, refreshExpiresAt) => {
    expect(await read(answered(200, { ...TOKEN, ...fields }))).toMatchObject({ tokens: { refreshExpiresAt } });
  });
});

describe('A provider with ways of its own', () => {
  test('counts in milliseconds', async () => {
    const reply = await read(
      answered(200, { ...TOKEN, expires_in: '3600000', refresh_expires_in: 7200000 }),
      quirks({ expiresInMs: true }),
    );
    expect(reply).toMatchObject({ tokens: { expiresAt: after(3600), refreshExpiresAt: after(7200) } });
  });

  test.each([
    ['data.token', { data: { token: TOKEN } }, 'new-refresh'],
    ['data', { data: { ...TOKEN, access_token: 'new-access' }, error: '' }, 'new-refresh'],
    ['data.jwt', { data: { jwt: 'new-access', expires_in: 3600, refresh_token: 'new-refresh' } }, 'new-refresh'],
    ['data.token', TOKEN, 'new-refresh'],
    ['authed_user', { ok: true, ...TOKEN, authed_user: null }, 'new-refresh'],
  ])('has the token at %s', async (tokenPath, body, refreshToken) => {
    const reply = await read(answered(200, body), quirks({ tokenPath }));
    expect(reply).toMatchObject({ tokens: { accessToken: 'new-access', refreshToken, expiresAt: after(3600) } });
  });

  test.each(['__proto__', 'constructor.name', 'a.b.c', '0', '..', 'access_token.length'])(
    'is not taken in by the path %s',
    async (tokenPath) => {
      const reply = await read(answered(200, { ok: true, a: { b: 'x' } }), quirks({ tokenPath }));
      expect(reply).toMatchObject({ kind: 'ambiguous', code: 'no-token' });
    },
  );

  test('still says what is wrong at the top', async () => {
    const refused = answered(200, { ok: false, error: 'invalid_grant', data: {} });
    expect(await read(refused, quirks({ tokenPath: 'data' }))).toMatchObject({ kind: 'refused' });
  });

  test('is believed where the connection broke after the whole of a nested answer', async () => {
    const cut = failed('timeout', true, answered(200, { data: TOKEN }));
    expect(await read(cut, quirks({ tokenPath: 'data' }))).toMatchObject({ kind: 'granted' });
    expect(await read(cut)).toMatchObject({ kind: 'ambiguous' });
  });
});
