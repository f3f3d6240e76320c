import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { SIGNING_ALGORITHMS } from '../../src/kernel/auth.ts';
import { Misconfigured } from '../../src/kernel/errors.ts';
import { signedJwt, signingKey, thumbprintOf } from '../../src/oauth/signing.ts';
import { isSignedBy, KEYS, takenApart } from './jws.ts';

const RFC_7638 = {
  kty: 'RSA',
  n: '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw',
  e: 'AQAB',
  alg: 'RS256',
  kid: '2011-04-29',
};
const RFC_8037 = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };

const pem = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString();

describe('A key’s thumbprint', () => {
  test.each([
    [RFC_7638, 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs'],
    [RFC_8037, 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k'],
  ])('is the standard’s own: %#', (jwk, thumbprint) => {
    expect(thumbprintOf(jwk)).toBe(thumbprint);
  });
});

describe('A signing key', () => {
  test.each([
    ['ES256', KEYS.ES256],
    ['EdDSA', KEYS.EdDSA],
    ['PS256', KEYS.PS256],
  ])('signs with what fits it where nothing is said: %s', (algorithm, key) => {
    expect(signingKey(key).algorithm).toBe(algorithm);
  });

  test.each(SIGNING_ALGORITHMS)('signs with %s, and the signature is that of no other text', (algorithm) => {
    const key = KEYS[algorithm === 'RS256' ? 'PS256' : algorithm];
    const jwt = signedJwt(signingKey(key, algorithm), { typ: 'JWT' }, { iss: 'me', aud: undefined });
    expect(takenApart(jwt)).toEqual({ header: { alg: algorithm, typ: 'JWT' }, claims: { iss: 'me' } });
    expect(isSignedBy(jwt, key, algorithm)).toBe(true);
    expect(isSignedBy(`x${jwt}`, key, algorithm)).toBe(false);
  });

  test.each([
    ['RS256', KEYS.ES256],
    ['ES256', KEYS.PS256],
    ['PS256', KEYS.EdDSA],
  ] as const)('is refused for %s where it is of another kind', (algorithm, key) => {
    expect(() => signingKey(key, algorithm)).toThrow(Misconfigured);
  });

  test.each([
    ['another curve', pem(generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey)],
    ['no signing', pem(generateKeyPairSync('x25519').privateKey)],
    ['too few bits', pem(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey)],
  ])('is refused where it is of %s', (_what, key) => {
    expect(() => signingKey(key)).toThrow('P-256, Ed25519 or RSA');
  });

  test('is refused where it has a passphrase', () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const locked = privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' });
    expect(() => signingKey(locked.toString())).toThrow('without a passphrase');
  });
});
