import { createHash, createPublicKey } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { Misconfigured } from '../../src/kernel/errors.ts';
import type { Answer } from '../../src/kernel/exchange.ts';
import type { HeaderPairs } from '../../src/kernel/headers.ts';
import { dpopProof, DpopNonces, nonceOf, wantsNonce } from '../../src/oauth/dpop.ts';
import { publicJwkOf, signingKey } from '../../src/oauth/signing.ts';
import { answered, SENT_AT } from './answers.ts';
import { isVerifiedBy, KEYS, takenApart } from './jws.ts';

const ids = ['id-1', 'id-2'];
const tools = () => {
  const left = [...ids];
  return { clock: { now: () => SENT_AT }, newId: () => left.shift() ?? 'id-n' };
};
const TOKEN_CALL = { method: 'POST', url: 'https://id.partner.example/token?tenant=7#x' };
const NONCE: HeaderPairs = [['DPoP-Nonce', 'n-1']];

describe('A DPoP proof', () => {
  test.each(['ES256', 'EdDSA', 'PS256'] as const)('is verified by the public key it carries: %s', async (algorithm) => {
    const proof = dpopProof(KEYS[algorithm], TOKEN_CALL, tools());
    const { header, claims } = takenApart(proof);
    expect(header).toEqual({ alg: algorithm, typ: 'dpop+jwt', jwk: expect.any(Object) });
    expect(
      isVerifiedBy(proof, createPublicKey({ key: header['jwk'] as Record<string, string>, format: 'jwk' }), algorithm),
    ).toBe(true);
    expect(claims).toEqual({ jti: 'id-1', htm: 'POST', htu: 'https://id.partner.example/token', iat: 1795338000 });
  });

  test.each(Object.entries(KEYS))('shows nothing of the private key: %s', (_algorithm, key) => {
    const jwk = publicJwkOf(signingKey(key).key);
    for (const name of ['d', 'p', 'q', 'dp', 'dq', 'qi']) expect(jwk).not.toHaveProperty(name);
  });

  test('names the access token that goes along by its hash, and the nonce', () => {
    const request = { method: 'GET', url: 'https://api.example/v1/orders?limit=2', accessToken: 'at-1', nonce: 'n-1' };
    expect(takenApart(dpopProof(KEYS.ES256, request, tools())).claims).toMatchObject({
      htm: 'GET',
      htu: 'https://api.example/v1/orders',
      ath: createHash('sha256').update('at-1').digest('base64url'),
      nonce: 'n-1',
    });
  });

  test('is a new one each time', () => {
    const same = tools();
    const [first, second] = [dpopProof(KEYS.ES256, TOKEN_CALL, same), dpopProof(KEYS.ES256, TOKEN_CALL, same)];
    expect([first, second].map((proof) => takenApart(proof).claims['jti'])).toEqual(ids);
  });

  test.each([
    ['nothing', ''],
    ['what is no key', 'no key'],
    ['a public key', createPublicKey(KEYS.ES256).export({ type: 'spki', format: 'pem' }).toString()],
  ])('is not made with %s', (_what, key) => {
    expect(() => dpopProof(key, TOKEN_CALL, tools())).toThrow(Misconfigured);
  });
});

describe('A server that wants a nonce', () => {
  const said = (status: number, body: unknown, headers: HeaderPairs): Answer => {
    const outcome = answered(status, body, headers);
    if (outcome.kind !== 'answered') throw new Error('no answer');
    return outcome;
  };
  const challenge = (value: string): HeaderPairs => [['WWW-Authenticate', value], ...NONCE];

  test('says so in the body at a token endpoint', () => {
    expect(wantsNonce(said(400, { error: 'use_dpop_nonce' }, NONCE))).toBe(true);
    expect(wantsNonce(said(400, { error: 'invalid_grant' }, NONCE))).toBe(false);
    expect(wantsNonce(said(400, { error: 'use_dpop_nonce' }, []))).toBe(false);
    expect(wantsNonce(said(200, { error: 'use_dpop_nonce' }, NONCE))).toBe(false);
  });

  test.each([
    ['DPoP error="use_dpop_nonce", error_description="Resource server requires nonce"', true],
    ['Bearer realm="x", DPoP algs="ES256", error="use_dpop_nonce"', true],
    ['DPoP error="invalid_token"', false],
    ['Bearer error="use_dpop_nonce"', false],
    ['DPoP error="not_use_dpop_nonce"', false],
  ])('says so in its challenge at an API: %s → %p', (value, expected) => {
    expect(wantsNonce({ status: 401, headers: challenge(value) })).toBe(expected);
  });

  test('gives one that fits into a proof', () => {
    expect(nonceOf(NONCE)).toBe('n-1');
    for (const bad of ['', 'a b', 'a"b', 'x'.repeat(1025)]) expect(nonceOf([['dpop-nonce', bad]])).toBeNull();
  });

  test('is remembered by its origin, the newest nonce alone', () => {
    const nonces = new DpopNonces();
    nonces.keep('https://a.example/token', NONCE);
    nonces.keep('https://a.example/token', [['dpop-nonce', 'n-2']]);
    nonces.keep('https://a.example/token', []);
    expect(nonces.for('https://a.example/other?x=1')).toBe('n-2');
    expect(nonces.for('https://a.example:8443/token')).toBeNull();
  });

  test('is forgotten when a thousand others came since', () => {
    const nonces = new DpopNonces();
    for (let at = 0; at <= 1000; at += 1) nonces.keep(`https://h${at}.example/`, NONCE);
    expect(nonces.for('https://h0.example/')).toBeNull();
    expect(nonces.for('https://h1.example/')).toBe('n-1');
  });
});
