import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { readPastedCertificates } from '../../../src/services/connections/pasted-certificates.ts';
import { readPastedKey } from '../../../src/services/connections/pasted-key.ts';
import { authority } from '../../support/certificate.ts';

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const ed = generateKeyPairSync('ed25519').privateKey;
const ca = authority('Partner CA');

const pkcs8 = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString();
const jwk = (key: KeyObject, more: object = {}) => JSON.stringify({ ...key.export({ format: 'jwk' }), ...more });
const encrypted = (type: 'pkcs8' | 'sec1') =>
  ec.export({ type, format: 'pem', cipher: 'aes-256-cbc', passphrase: 'a passphrase' }).toString();

const TAKEN: [string, string, KeyObject][] = [
  ['PKCS #8', pkcs8(rsa), rsa],
  ['PKCS #8 of Ed25519', pkcs8(ed), ed],
  ['SEC 1', ec.export({ type: 'sec1', format: 'pem' }).toString(), ec],
  ['PKCS #1', rsa.export({ type: 'pkcs1', format: 'pem' }).toString(), rsa],
  ['a JWK of an EC key', jwk(ec), ec],
  ['a JWK of an RSA key', jwk(rsa), rsa],
  ['a JWK of an Ed25519 key', `\n ${jwk(ed)} `, ed],
  ['PEM that lost its line breaks', pkcs8(ec).replaceAll('\n', ' '), ec],
  ['PEM with line breaks as they stand in settings', pkcs8(rsa).replaceAll('\n', String.raw`\n`), rsa],
  ['PEM of another system, with words around it', `Bag\r\n${pkcs8(ec).replaceAll('\n', '\r\n')}end`, ec],
];

const REFUSED: [string, string, RegExp][] = [
  ['an encrypted PKCS #8 key', encrypted('pkcs8'), /encrypted/],
  ['an encrypted SEC 1 key', encrypted('sec1'), /encrypted/],
  ['a certificate', ca.cert, /certificate/],
  ['a public key', createPublicKey(ec).export({ type: 'spki', format: 'pem' }).toString(), /public key/],
  ['a public JWK', JSON.stringify(createPublicKey(ec).export({ format: 'jwk' })), /public key/],
  ['a symmetric JWK', '{"kty":"oct","k":"c2VjcmV0"}', /no private key/],
  ['a key of OpenSSH', '-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n-----END OPENSSH PRIVATE KEY-----', /OpenSSH/],
  ['two keys', pkcs8(ec) + pkcs8(rsa), /several/],
  ['a key set', `{"keys":[${jwk(ec)}]}`, /several/],
  ['a key that was cut off', pkcs8(rsa).slice(0, 900), /no private key/],
  ['a key whose middle is missing', pkcs8(rsa).replace(/\n.{64}\n/, '\n'), /no private key/],
  ['words', 'my key', /no private key/],
  ['JSON that is none', '{"kty":', /no private key/],
  ['an endless beginning', '-----BEGIN PRIVATE KEY-----'.repeat(600), /no private key/],
];

describe('a private key that was pasted', () => {
  test.each(TAKEN)('is taken as PKCS #8: %s', (_what, text, key) => {
    const read = readPastedKey(text);

    if ('fault' in read) throw new Error(read.fault);
    expect(read.pem).toBe(pkcs8(key));
    expect(createPrivateKey(read.pem).equals(key)).toBe(true);
  });

  test.each(REFUSED)('is refused with a sentence of its own: %s', (_what, text, words) => {
    expect(readPastedKey(text)).toEqual({ fault: expect.stringMatching(words) });
  });

  test('says as a JWK under which id it is known, and what it signs with', () => {
    expect(readPastedKey(jwk(rsa, { kid: 'our-key', alg: 'RS256' }))).toMatchObject({
      keyId: 'our-key',
      algorithm: 'RS256',
    });
    expect(readPastedKey(jwk(rsa, { kid: 7, alg: 'RSA-OAEP' }))).toMatchObject({ keyId: null, algorithm: null });
  });
});

describe('certificates that were pasted', () => {
  const more = ca.issue('client.example').cert;

  test('are kept as certificates and nothing besides', () => {
    const read = readPastedCertificates(`# client\r\n${more.replaceAll('\n', '\r\n')}\n# its authority\n${ca.cert}\n`);
    expect(read).toMatchObject({ pem: more + ca.cert });
  });

  test.each<[string, string, string]>([
    ['nothing that is one', 'a certificate', 'unreadable'],
    ['one that was cut off', ca.cert.slice(0, 200), 'unreadable'],
    ['a second one that was cut off', ca.cert + more.slice(0, 200), 'unreadable'],
    ['one with other bytes', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', 'unreadable'],
    [
      'a public key beside it',
      `${ca.cert}${createPublicKey(ec).export({ type: 'spki', format: 'pem' }).toString()}`,
      'unreadable',
    ],
    ['a private key beside it', ca.cert + ca.key, 'holds-key'],
  ])('are refused: %s', (_what, text, fault) => {
    expect(readPastedCertificates(text)).toEqual({ fault });
  });
});
