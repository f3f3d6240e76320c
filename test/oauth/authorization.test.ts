import { describe, expect, test } from '@jest/globals';
import { Misconfigured } from '../../src/kernel/errors.ts';
import { systemRandom } from '../../src/kernel/ids.ts';
import {
  authorizationUrl,
  challengeOf,
  newState,
  newVerifier,
  pushedAuthorizationUrl,
  readCallback,
} from '../../src/oauth/authorization.ts';
import { settingsWith } from './answers.ts';

const STATE = 'the-state-of-this-consent';
const CONSENT = { state: STATE, challenge: 'ch', redirectUri: 'https://callbook.example/consent/callback' };

const sameBytes = (size: number) => Buffer.alloc(size, 0xfb);

describe('A consent', () => {
  test('begins with 32 bytes of chance, base64url', () => {
    expect(newState(sameBytes)).toBe(Buffer.alloc(32, 0xfb).toString('base64url'));
    expect(newVerifier(sameBytes)).toMatch(/^[\w-]{43}$/);
    expect(newState(systemRandom)).not.toBe(newState(systemRandom));
  });

  test('has the challenge of RFC 7636, appendix B', () => {
    const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
    expect(challengeOf(verifier)).toBe('E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM');
  });

  test('asks for a code with PKCE', () => {
    const url = new URL(authorizationUrl(settingsWith({ scope: 'orders offline_access' }), CONSENT));
    expect(url.origin + url.pathname).toBe('https://id.partner.example/authorize');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      response_type: 'code',
      client_id: 'abc',
      redirect_uri: CONSENT.redirectUri,
      scope: 'orders offline_access',
      state: STATE,
      code_challenge: 'ch',
      code_challenge_method: 'S256',
    });
  });

  test('keeps what stands in the address, and lets nobody there choose the state', () => {
    const address = 'https://id.partner.example/authorize?prompt=consent&state=theirs&code_challenge_method=plain';
    const { searchParams } = new URL(
      authorizationUrl(settingsWith({ authorizationUrl: address, scope: null }), CONSENT),
    );
    expect(searchParams.get('prompt')).toBe('consent');
    expect(searchParams.getAll('state')).toEqual([STATE]);
    expect(searchParams.getAll('code_challenge_method')).toEqual(['S256']);
    expect(searchParams.has('scope')).toBe(false);
  });

  test('names what tokens are for, each resource by itself', () => {
    const resource = ['https://api.partner.example/a', 'https://api.partner.example/b'];
    const { searchParams } = new URL(authorizationUrl(settingsWith({ resource, audience: 'orders-api' }), CONSENT));
    expect(searchParams.getAll('resource')).toEqual(resource);
    expect(searchParams.getAll('audience')).toEqual(['orders-api']);
  });

  test('sends parameters of its own in the query, and no other', () => {
    const parameters = [
      { phase: 'authorize', in: 'query', name: 'access_type', value: 'offline' },
      { phase: 'authorize', in: 'query', name: 'acr_values', value: 'a b&c' },
      { phase: 'token', in: 'query', name: 'of-the-token', value: 'x' },
      { phase: 'refresh', in: 'body', name: 'of-refreshing', value: 'x' },
      { phase: 'authorize', in: 'header', name: 'x-header', value: 'x' },
    ] as const;
    const address = 'https://id.partner.example/authorize?access_type=online';
    const { searchParams } = new URL(
      authorizationUrl(settingsWith({ parameters, authorizationUrl: address }), CONSENT),
    );
    expect(searchParams.getAll('access_type')).toEqual(['offline']);
    expect(searchParams.get('acr_values')).toBe('a b&c');
    expect([...searchParams.keys()].filter((name) => name.includes('-') || name.includes('header'))).toEqual([]);
  });

  test.each([
    'response_type',
    'client_id',
    'redirect_uri',
    'state',
    'code_challenge',
    'code_challenge_method',
    'request_uri',
    'request',
    'dpop_jkt',
    'scope',
    'resource',
    'audience',
  ])('lets no parameter of its own say %s', (name) => {
    const settings = settingsWith({ resource: ['https://api.example'], audience: 'orders-api' });
    const parameters = [{ phase: 'authorize', in: 'query', name, value: 'theirs' } as const];
    expect(authorizationUrl({ ...settings, parameters }, CONSENT)).toBe(authorizationUrl(settings, CONSENT));
    const address = `https://id.partner.example/authorize?${name}=theirs`;
    expect(authorizationUrl({ ...settings, authorizationUrl: address }, CONSENT)).not.toContain('theirs');
  });

  test('is bound to the key of its tokens, where they have one', () => {
    const bound = { ...CONSENT, proofThumbprint: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' };
    expect(new URL(authorizationUrl(settingsWith(), bound)).searchParams.get('dpop_jkt')).toBe(bound.proofThumbprint);
  });

  test('that was pushed leaves nothing in the address but its name', () => {
    const settings = settingsWith({ authorizationUrl: 'https://id.partner.example/authorize?tenant=a&state=theirs' });
    const url = new URL(pushedAuthorizationUrl(settings, 'urn:ietf:params:oauth:request_uri:6esc'));
    expect(Object.fromEntries(url.searchParams)).toEqual({
      tenant: 'a',
      client_id: 'abc',
      request_uri: 'urn:ietf:params:oauth:request_uri:6esc',
    });
  });

  test.each([null, '', 'http://id.partner.example/authorize', 'javascript:alert(1)'])(
    'is not begun at %j',
    (address) => {
      expect(() => authorizationUrl(settingsWith({ authorizationUrl: address }), CONSENT)).toThrow(Misconfigured);
    },
  );
});

describe('A callback', () => {
  const ISSUER = 'https://id.partner.example';
  const read = (query: string, issuer: string | null = null) =>
    readCallback(settingsWith({ issuer }), new URLSearchParams(query), STATE);

  test('brings a code', () => {
    const reply = read(`code=c1&state=${STATE}`);
    expect(reply.kind === 'code' && reply.callback.get('code')).toBe('c1');
  });

  test.each([ISSUER, null])('brings a code with the right iss (issuer known: %s)', (issuer) => {
    expect(read(`code=c1&state=${STATE}&iss=${encodeURIComponent(ISSUER)}`, issuer).kind).toBe('code');
  });

  test('brings a code without iss where the provider sends none', () => {
    expect(read(`code=c1&state=${STATE}`, ISSUER).kind).toBe('code');
  });

  test.each([
    ['another state', `code=c1&state=${STATE}x`, 'state-mismatch'],
    ['the state in another case', `code=c1&state=${STATE.toUpperCase()}`, 'state-mismatch'],
    ['no state', 'code=c1', 'state-mismatch'],
    ['an error without our state', 'error=access_denied', 'state-mismatch'],
    ['another issuer', `code=c1&state=${STATE}&iss=https://evil.example`, 'issuer-mismatch'],
    ['an issuer that begins right', `code=c1&state=${STATE}&iss=${ISSUER}.evil`, 'issuer-mismatch'],
    ['two codes', `code=c1&code=c2&state=${STATE}`, 'duplicate-parameter'],
    ['two states', `code=c1&state=${STATE}&state=${STATE}`, 'duplicate-parameter'],
    ['two of anything', `code=c1&state=${STATE}&x=1&x=1`, 'duplicate-parameter'],
    ['no code', `state=${STATE}`, 'no-code'],
    ['an empty code', `state=${STATE}&code=`, 'no-code'],
    ['an implicit token', `code=c1&state=${STATE}&token=t`, 'invalid-callback'],
    ['a JARM response', `code=c1&state=${STATE}&response=r`, 'invalid-callback'],
    ['a refusal', `error=access_denied&state=${STATE}`, 'access_denied'],
    ['a refusal with a code', `error=access_denied&code=c1&state=${STATE}`, 'access_denied'],
    ['an error of its own', `error=mfa_required&state=${STATE}`, 'mfa_required'],
    ['an error that is markup', `error=${encodeURIComponent('<b>')}&state=${STATE}`, 'unknown-error'],
  ])('is refused with %s', (_what, query, code) => {
    expect(read(query, ISSUER)).toMatchObject({ kind: 'refused', code, detail: expect.stringMatching(/^[A-Z].*\.$/s) });
  });

  test('is refused where no state was ever given out', () => {
    const reply = readCallback(settingsWith(), new URLSearchParams('code=c1&state='), '');
    expect(reply).toMatchObject({ code: 'state-mismatch' });
  });

  test('quotes the provider, short and printable', () => {
    const words = encodeURIComponent(`Not now.\u0000${'x '.repeat(500)}`);
    const reply = read(`error=access_denied&state=${STATE}&error_description=${words}`);
    expect(reply.kind === 'refused' && reply.detail).toMatch(/It says: “Not now\. x /);
    expect(reply.kind === 'refused' && reply.detail.length).toBeLessThan(400);
  });

  test('names the page that the provider names, as it is', () => {
    const page = 'https://id.partner.example/errors/denied';
    const reply = read(`error=access_denied&state=${STATE}&error_uri=${encodeURIComponent(page)}`);
    expect(reply).toMatchObject({ detail: expect.stringContaining(`More at ${page}`) });
  });

  test.each([
    'javascript:alert(1)',
    'https://me:secret@id.partner.example/',
    'https://id.partner.example/?code=abc',
    `https://id.partner.example/${'a'.repeat(24)}`,
    `https://id.partner.example${'/a'.repeat(200)}`,
  ])('names no page such as %s', (page) => {
    const reply = read(`error=access_denied&state=${STATE}&error_uri=${encodeURIComponent(page)}`);
    expect(reply).toMatchObject({ code: 'access_denied', detail: expect.not.stringContaining('More at') });
  });

  test('names no page that holds a secret', () => {
    const page = 'https://id.partner.example/hush-hush';
    const params = new URLSearchParams({ error: 'access_denied', state: STATE, error_uri: page });
    const mask = (text: string) => text.replaceAll('hush-hush', '*redacted*');
    expect(readCallback(settingsWith(), params, STATE, mask)).toMatchObject({
      detail: expect.not.stringContaining('More at'),
    });
  });
});

describe('A callback that has to name its issuer', () => {
  const ISSUER = 'https://id.partner.example';
  const read = (query: string, issuer: string | null = ISSUER) =>
    readCallback(settingsWith({ issuer, requiresIss: true }), new URLSearchParams(`state=${STATE}&${query}`), STATE);

  test('brings a code with it', () => {
    expect(read(`code=c1&iss=${ISSUER}`).kind).toBe('code');
  });

  test.each([
    ['without it', 'code=c1', 'issuer-missing', 'does not say which provider'],
    ['with an empty one', 'code=c1&iss=', 'issuer-missing', 'does not say which provider'],
    ['with another one', 'code=c1&iss=https://evil.example', 'issuer-mismatch', 'another provider'],
    ['with another slash', `code=c1&iss=${ISSUER}/`, 'issuer-mismatch', 'another provider'],
    ['with another one and an error', 'error=access_denied&iss=https://evil.example', 'issuer-mismatch', 'another'],
    ['without it, and with an error', 'error=access_denied', 'issuer-missing', 'It says “access_denied”'],
  ])('is refused %s', (_what, query, code, words) => {
    expect(read(query)).toMatchObject({ kind: 'refused', code, detail: expect.stringContaining(words) });
  });

  test('repeats no words of somebody who does not say who they are', () => {
    const reply = read('error=call_us&error_description=Send%20your%20password%20to%20evil.example');
    expect(reply).toMatchObject({ code: 'issuer-missing', detail: expect.not.stringMatching(/call_us|evil/) });
  });

  test('is refused where there is nothing to compare with', () => {
    expect(read(`code=c1&iss=${ISSUER}`, null)).toMatchObject({ kind: 'refused', code: 'issuer-unknown' });
  });
});
