import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import {
  type AuthSecrets,
  CLIENT_AUTHENTICATIONS,
  type ClientAuthentication,
  type OAuth2Settings,
  SIGNING_ALGORITHMS,
} from '../../src/kernel/auth.ts';
import { Misconfigured } from '../../src/kernel/errors.ts';
import { headerValue } from '../../src/kernel/headers.ts';
import { revocationRequest } from '../../src/oauth/revocation.ts';
import { sentFields } from '../../src/oauth/sent-fields.ts';
import { publicJwkOf, signingKey, thumbprintOf } from '../../src/oauth/signing.ts';
import { tokenRequest } from '../../src/oauth/token-request.ts';
import { CLIENT_SECRET, SENT_AT, settingsWith } from './answers.ts';
import { isSignedBy, KEYS, takenApart } from './jws.ts';

const ISSUER = 'https://id.partner.example';
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const SENT_S = SENT_AT.getTime() / 1000;
const SECRETS: AuthSecrets = {
  clientSecret: CLIENT_SECRET,
  privateKey: KEYS.ES256,
  certificate: 'a certificate',
  certificateKey: 'its key',
};

/** Ids that are never the same twice. */
function tools() {
  let count = 0;
  return { clock: { now: () => SENT_AT }, newId: () => `id-${(count += 1)}` };
}

const asked = (
  clientAuthentication: ClientAuthentication,
  others: Partial<OAuth2Settings> = {},
  secrets = SECRETS,
  by = tools(),
) => {
  const settings = settingsWith({ clientAuthentication, issuer: ISSUER, ...others });
  return tokenRequest(settings, secrets, { kind: 'refresh', refreshToken: 'r1' }, by);
};

const assertionOf = async (...how: Parameters<typeof asked>) =>
  sentFields(await asked(...how)).get('client_assertion') ?? '';

describe('A client that proves itself', () => {
  test.each(CLIENT_AUTHENTICATIONS)('does so in one way only: %s', async (method) => {
    const request = await asked(method);
    const fields = sentFields(request);
    const isBasic = method === 'client_secret_basic';
    const isAsserted = method.endsWith('_jwt');
    expect(headerValue(request.headers, 'authorization') !== null).toBe(isBasic);
    expect(fields.get('client_id')).toBe(isBasic ? null : 'abc');
    expect(fields.get('client_secret')).toBe(method === 'client_secret_post' ? CLIENT_SECRET : null);
    expect(fields.get('client_assertion_type')).toBe(isAsserted ? ASSERTION_TYPE : null);
    expect(fields.has('client_assertion')).toBe(isAsserted);
  });

  test.each(CLIENT_AUTHENTICATIONS)('does so when it gives a token back too: %s', async (method) => {
    const settings = settingsWith({ clientAuthentication: method, issuer: ISSUER });
    const token = await tokenRequest(settings, SECRETS, { kind: 'refresh', refreshToken: 'r1' }, tools());
    const back = await revocationRequest(settings, SECRETS, 'r1', 'refresh_token', tools());
    expect(headerValue(back.headers, 'authorization')).toBe(headerValue(token.headers, 'authorization'));
    for (const name of ['client_id', 'client_secret', 'client_assertion_type', 'client_assertion']) {
      expect([name, sentFields(back).has(name)]).toEqual([name, sentFields(token).has(name)]);
    }
  });

  test.each([
    ['client_secret_basic', 'clientSecret'],
    ['client_secret_post', 'clientSecret'],
    ['client_secret_jwt', 'clientSecret'],
    ['private_key_jwt', 'privateKey'],
    ['tls_client_auth', 'certificate'],
    ['self_signed_tls_client_auth', 'certificateKey'],
  ] as const)('needs what it does so with: %s without %s', async (method, name) => {
    const { [name]: _gone, ...rest } = SECRETS;
    await expect(asked(method, {}, rest)).rejects.toThrow(Misconfigured);
    await expect(asked(method, {}, { ...SECRETS, [name]: '' })).rejects.toThrow(/has no .*connection’s settings/);
  });

  test('keeps what it does not use to itself', async () => {
    for (const method of ['none', 'tls_client_auth', 'private_key_jwt'] as const) {
      const request = await asked(method);
      const shown = JSON.stringify([request.url, request.headers, [...sentFields(request)]]);
      expect(shown).not.toMatch(/p&ss|a certificate|its key|PRIVATE KEY/);
    }
  });
});

describe('An assertion of the client', () => {
  test('is for the issuer alone, for a minute, and says what it is for', async () => {
    const assertion = await assertionOf('private_key_jwt');
    expect(takenApart(assertion)).toEqual({
      header: {
        alg: 'ES256',
        typ: 'client-authentication+jwt',
        kid: thumbprintOf(publicJwkOf(signingKey(KEYS.ES256).key)),
      },
      claims: { iss: 'abc', sub: 'abc', aud: ISSUER, iat: SENT_S, exp: SENT_S + 60, jti: 'id-1' },
    });
    expect(isSignedBy(assertion, KEYS.ES256, 'ES256')).toBe(true);
  });

  test.each([
    ['where the settings say so', { assertionAudience: 'token_endpoint' }],
    ['where no issuer is known', { issuer: null }],
  ] as const)('is a plain JWT for the token endpoint %s', async (_when, others) => {
    const { header, claims } = takenApart(await assertionOf('private_key_jwt', others));
    expect(header).toMatchObject({ typ: 'JWT' });
    expect(claims).toMatchObject({ aud: 'https://id.partner.example/token' });
  });

  test.each(SIGNING_ALGORITHMS)('is signed with %s where the settings say so', async (signingAlgorithm) => {
    const privateKey = KEYS[signingAlgorithm === 'RS256' ? 'PS256' : signingAlgorithm];
    const assertion = await assertionOf('private_key_jwt', { signingAlgorithm, keyId: 'k-1' }, { privateKey });
    expect(takenApart(assertion).header).toMatchObject({ alg: signingAlgorithm, kid: 'k-1' });
    expect(isSignedBy(assertion, privateKey, signingAlgorithm)).toBe(true);
  });

  test('is authenticated with the secret for client_secret_jwt', async () => {
    const assertion = await assertionOf('client_secret_jwt');
    const [header, claims, mac] = assertion.split('.');
    expect(createHmac('sha256', CLIENT_SECRET).update(`${header}.${claims}`).digest('base64url')).toBe(mac);
    expect(takenApart(assertion)).toMatchObject({ header: { alg: 'HS256' }, claims: { aud: ISSUER, sub: 'abc' } });
    expect(takenApart(assertion).header).not.toHaveProperty('kid');
  });

  test('is never the same twice', async () => {
    const by = tools();
    const one = await assertionOf('private_key_jwt', {}, SECRETS, by);
    const other = await assertionOf('private_key_jwt', {}, SECRETS, by);
    expect(takenApart(one).claims['jti']).not.toBe(takenApart(other).claims['jti']);
  });

  test('is not made with a key of another kind', async () => {
    await expect(asked('private_key_jwt', { signingAlgorithm: 'RS256' })).rejects.toThrow('cannot sign with RS256');
    await expect(asked('private_key_jwt', {}, { privateKey: 'no key' })).rejects.toThrow('cannot be read');
  });
});
