import { createPrivateKey, type KeyObject } from 'node:crypto';
import { SIGNING_ALGORITHMS, type SigningAlgorithm } from '../../kernel/auth.ts';
import { pemBlocks, pemOf } from './pem.ts';

/** A private key that was pasted, as PKCS #8 in PEM, with what a JWK says of itself; or why it cannot be taken. */
export type PastedKey =
  | { readonly pem: string; readonly keyId: string | null; readonly algorithm: SigningAlgorithm | null }
  | { readonly fault: string };

const FAULTS = {
  encrypted: 'This key is encrypted. Paste it without a passphrase; it is sealed here.',
  certificate: 'This is a certificate. Paste the private key that belongs to it.',
  public: 'This is a public key. Paste the private one.',
  openssh: 'This key is in the form of OpenSSH. Write it as PKCS #8 in PEM first, then paste it.',
  several: 'These are several keys. Paste one of them.',
  unreadable: 'This is no private key that can be read. Paste PKCS #8, SEC 1 or PKCS #1 in PEM, or a private JWK.',
} as const;

/** Reads a private key: PKCS #8 (RFC 5958), SEC 1 (RFC 5915) or PKCS #1 (RFC 8017) in PEM, or a JWK (RFC 7517). */
export function readPastedKey(text: string): PastedKey {
  return text.trimStart().startsWith('{') ? readJwk(text) : readPem(text);
}

function readPem(text: string): PastedKey {
  const labels = pemBlocks(text).map(({ label }) => label);
  if (/ENCRYPTED/.test(text)) return { fault: FAULTS.encrypted };
  if (labels.includes('OPENSSH PRIVATE KEY')) return { fault: FAULTS.openssh };
  const [key, ...more] = pemBlocks(text).filter(({ label }) => /(^| )PRIVATE KEY$/.test(label));
  if (more.length > 0) return { fault: FAULTS.several };
  if (key) return asPkcs8(() => createPrivateKey(pemOf(key)), null, null);
  if (labels.includes('CERTIFICATE')) return { fault: FAULTS.certificate };
  return { fault: labels.some((label) => label.endsWith('PUBLIC KEY')) ? FAULTS.public : FAULTS.unreadable };
}

function readJwk(text: string): PastedKey {
  const jwk = objectOf(text);
  if (!jwk) return { fault: FAULTS.unreadable };
  if (Array.isArray(jwk['keys'])) return { fault: FAULTS.several };
  const { kty, d, kid, alg } = jwk;
  if (d === undefined && ['EC', 'OKP', 'RSA'].includes(String(kty))) return { fault: FAULTS.public };
  const keyId = typeof kid === 'string' && kid !== '' && kid.length <= 200 ? kid : null;
  const algorithm = SIGNING_ALGORITHMS.find((known) => known === alg) ?? null;
  return asPkcs8(() => createPrivateKey({ key: jwk, format: 'jwk' }), keyId, algorithm);
}

function asPkcs8(read: () => KeyObject, keyId: string | null, algorithm: SigningAlgorithm | null): PastedKey {
  try {
    return { pem: read().export({ type: 'pkcs8', format: 'pem' }).toString(), keyId, algorithm };
  } catch {
    return { fault: FAULTS.unreadable };
  }
}

function objectOf(text: string): Record<string, string> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, string>) : null;
  } catch {
    return null;
  }
}
