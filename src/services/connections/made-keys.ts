import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import type { AuthSecrets, AuthSettings, OAuth2Settings, SigningAlgorithm } from '../../kernel/auth.ts';

const made = promisify(generateKeyPair);
const PEM = { type: 'pkcs8', format: 'pem' } as const;
const RSA_BITS = 2048;

/** True where a private key signs: a client assertion (RFC 7523, section 2.2) or an assertion that is a grant (section 2.1). */
export function signsWithKey({ clientAuthentication, grantType }: OAuth2Settings): boolean {
  return clientAuthentication === 'private_key_jwt' || grantType === 'urn:ietf:params:oauth:grant-type:jwt-bearer';
}

/** Secrets with the keys that the settings need and nobody gave, made here: PKCS #8 in PEM. */
export async function withMadeKeys(settings: AuthSettings, secrets: AuthSecrets): Promise<AuthSecrets> {
  if (settings.type !== 'oauth2') return secrets;
  const { privateKey, dpopKey } = secrets;
  return {
    ...secrets,
    ...(signsWithKey(settings) && !privateKey && { privateKey: await newKey(settings.signingAlgorithm ?? 'ES256') }),
    ...(settings.dpop && !dpopKey && { dpopKey: await newKey('ES256') }),
  };
}

/** A private key for an algorithm (RFC 7518, sections 3.3 to 3.5; RFC 8037, section 3.1). */
async function newKey(algorithm: SigningAlgorithm): Promise<string> {
  switch (algorithm) {
    case 'ES256':
      return (await made('ec', { namedCurve: 'P-256' })).privateKey.export(PEM).toString();
    case 'EdDSA':
      return (await made('ed25519')).privateKey.export(PEM).toString();
    case 'PS256':
    case 'RS256':
      return (await made('rsa', { modulusLength: RSA_BITS })).privateKey.export(PEM).toString();
  }
}
