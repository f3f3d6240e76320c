import {
  constants,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign,
} from 'node:crypto';
import type { ClaimValue, SigningAlgorithm } from '../kernel/auth.ts';
import { Misconfigured } from '../kernel/errors.ts';

/** RFC 7518, sections 3.3 and 3.5. */
const RSA_MIN_BITS = 2048;
/** As long as the hash (RFC 7518, section 3.5). */
const PSS_SALT_BYTES = 32;

/** The members that make a key's thumbprint, in their order (RFC 7638, section 3.2; RFC 8037, section 2). */
const REQUIRED_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  EC: ['crv', 'kty', 'x', 'y'],
  OKP: ['crv', 'kty', 'x'],
  RSA: ['e', 'kty', 'n'],
};

/** A private key, and what it signs with. */
export interface SigningKey {
  readonly key: KeyObject;
  readonly algorithm: SigningAlgorithm;
}

/** The public half of a key (RFC 7517): what it needs to verify a signature, and nothing else. */
export type PublicJwk = Readonly<Record<string, string>>;

/** A JSON Web Token's members; what is undefined is left out. */
export type JwtMembers = Readonly<Record<string, ClaimValue | PublicJwk | undefined>>;

/**
 * Reads a private key: PKCS #8 as PEM, P-256, Ed25519, or RSA of 2048 bits or more. Without an algorithm it signs with
 * the one that fits it. Throws `Misconfigured` for a key that cannot be read, is of another kind, or does not fit.
 */
export function signingKey(pem: string, algorithm: SigningAlgorithm | null = null): SigningKey {
  const key = readKey(pem);
  const fitting = algorithmsOf(key);
  const chosen = algorithm ?? fitting[0];
  if (chosen === undefined) {
    throw new Misconfigured(
      'Nothing is signed with a private key of this kind. Take P-256, Ed25519 or RSA of 2048 bits or more.',
    );
  }
  if (!fitting.includes(chosen)) throw new Misconfigured(`The private key cannot sign with ${chosen}.`);
  return { key, algorithm: chosen };
}

/** The public half of a private key. */
export function publicJwkOf(key: KeyObject): PublicJwk {
  const jwk: Record<string, unknown> = { ...createPublicKey(key).export({ format: 'jwk' }) };
  const members = REQUIRED_MEMBERS[String(jwk['kty'])] ?? [];
  return Object.fromEntries(members.map((name) => [name, String(jwk[name])]));
}

/** A public key's thumbprint: SHA-256, base64url (RFC 7638, section 3). */
export function thumbprintOf(jwk: PublicJwk): string {
  const members = REQUIRED_MEMBERS[jwk['kty'] ?? ''] ?? [];
  const text = JSON.stringify(Object.fromEntries(members.map((name) => [name, jwk[name]])));
  return createHash('sha256').update(text).digest('base64url');
}

/** A JWT in the compact form (RFC 7515, section 7.1; RFC 7519). The header's `alg` is the key's. */
export function signedJwt({ key, algorithm }: SigningKey, header: JwtMembers, claims: JwtMembers): string {
  const input = signingInput({ alg: algorithm, ...header }, claims);
  return `${input}.${signatureOf(Buffer.from(input), key, algorithm).toString('base64url')}`;
}

/** As `signedJwt`, authenticated with a secret that both sides know (HS256; RFC 7518, section 3.2). */
export function authenticatedJwt(secret: string, header: JwtMembers, claims: JwtMembers): string {
  const input = signingInput({ alg: 'HS256', ...header }, claims);
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

function signingInput(header: JwtMembers, claims: JwtMembers): string {
  return [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
}

function readKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new Misconfigured('The private key cannot be read. It has to be PKCS #8 as PEM, without a passphrase.');
  }
}

function algorithmsOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): readonly SigningAlgorithm[] {
  if (asymmetricKeyType === 'ed25519') return ['EdDSA'];
  if (asymmetricKeyType === 'ec') return asymmetricKeyDetails?.namedCurve === 'prime256v1' ? ['ES256'] : [];
  const isRsa = asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) >= RSA_MIN_BITS;
  return isRsa ? ['PS256', 'RS256'] : [];
}

function signatureOf(input: Buffer, key: KeyObject, algorithm: SigningAlgorithm): Buffer {
  switch (algorithm) {
    case 'EdDSA':
      return sign(null, input, key);
    case 'ES256':
      return sign('sha256', input, { key, dsaEncoding: 'ieee-p1363' });
    case 'RS256':
      return sign('sha256', input, key);
    case 'PS256':
      return sign('sha256', input, {
        key,
        padding: constants.RSA_PKCS1_PSS_PADDING,
        saltLength: PSS_SALT_BYTES,
      });
  }
}
