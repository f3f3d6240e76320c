import { constants, createPublicKey, generateKeyPairSync, type KeyObject, verify } from 'node:crypto';
import type { SigningAlgorithm } from '../../src/kernel/auth.ts';

/** A JWT, taken apart and not verified. */
export interface TakenApart {
  readonly header: Record<string, unknown>;
  readonly claims: Record<string, unknown>;
}

const pem = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString();

/** One private key of each kind, as PEM, with the algorithm that fits it best. */
export const KEYS = {
  ES256: pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey),
  EdDSA: pem(generateKeyPairSync('ed25519').privateKey),
  PS256: pem(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey),
} as const;

/** The parts of a JWT. */
export function takenApart(jwt: string): TakenApart {
  const part = (at: number) => JSON.parse(Buffer.from(jwt.split('.')[at] ?? '', 'base64url').toString());
  return { header: part(0), claims: part(1) };
}

/** True where the signature is the one that the private key `pemText` makes with this algorithm. */
export function isSignedBy(jwt: string, pemText: string, algorithm: SigningAlgorithm): boolean {
  return isVerifiedBy(jwt, createPublicKey(pemText), algorithm);
}

/** True where `key` verifies the JWT's signature. */
export function isVerifiedBy(jwt: string, key: KeyObject, algorithm: SigningAlgorithm): boolean {
  const input = Buffer.from(jwt.slice(0, jwt.lastIndexOf('.')));
  const signature = Buffer.from(jwt.slice(jwt.lastIndexOf('.') + 1), 'base64url');
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
  const how = { ES256: { dsaEncoding: 'ieee-p1363' }, EdDSA: {}, RS256: {}, PS256: pss } as const;
  return verify(algorithm === 'EdDSA' ? null : 'sha256', input, { key, ...how[algorithm] }, signature);
}
