import { describe, expect, test } from '@jest/globals';
import { Misconfigured } from '../../src/kernel/errors.ts';
import { systemRandom } from '../../src/kernel/ids.ts';
import { authorizationUrl, challengeOf, newState, newVerifier, readCallback } from '../../src/oauth/authorization.ts';
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
});
