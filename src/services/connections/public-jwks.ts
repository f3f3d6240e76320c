import type { AuthSecrets, AuthSettings } from '../../kernel/auth.ts';
import { Misconfigured } from '../../kernel/errors.ts';
import { type PublicJwk, publicJwkOf, signingKey, thumbprintOf } from '../../oauth/signing.ts';

/** The public keys of a client, as a provider takes them (RFC 7517, section 5). */
export interface PublicJwks {
  readonly keys: readonly PublicJwk[];
}

/** What the provider verifies a connection's assertions with, to be registered there; null where no key is held. */
export function publicJwksOf(auth: AuthSettings, { privateKey }: AuthSecrets): PublicJwks | null {
  if (auth.type !== 'oauth2' || privateKey === undefined) return null;
  try {
    const { key, algorithm } = signingKey(privateKey, auth.signingAlgorithm);
    const jwk = publicJwkOf(key);
    return { keys: [{ ...jwk, kid: auth.keyId ?? thumbprintOf(jwk), use: 'sig', alg: algorithm }] };
  } catch (error) {
    if (error instanceof Misconfigured) return null;
    throw error;
  }
}
