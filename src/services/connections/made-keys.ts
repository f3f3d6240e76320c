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

/** Keys that are to be made: the secret's name, and the algorithm that it is for. */
type Wanted = readonly (readonly [name: 'privateKey' | 'dpopKey', algorithm: SigningAlgorithm])[];

/** Keys are missing that nobody has made yet. */
class KeysWanted extends Error {
  readonly wanted: Wanted;

  constructor(wanted: Wanted) {
    super('Keys are wanted that are not made yet.');
    this.wanted = wanted;
  }
}

/** Keys that were made for one connection: PKCS #8 in PEM. */
export class MadeKeys {
  readonly #keys = new Map<string, string>();

  /** Secrets with the keys that the settings need and nobody gave. Throws for `withMadeKeys` where they are not made yet. */
  complete(settings: AuthSettings, secrets: AuthSecrets): AuthSecrets {
    const wanted = wantedBy(settings, secrets);
    if (!wanted.every((one) => this.#keys.has(String(one)))) throw new KeysWanted(wanted);
    return { ...secrets, ...Object.fromEntries(wanted.map((one) => [one[0], this.#keys.get(String(one))])) };
  }

  /** Makes what `complete` found missing. */
  async make(wanted: Wanted): Promise<void> {
    for (const one of wanted) this.#keys.set(String(one), await newKey(one[1]));
  }
}

/**
 * Does work that may need keys, and does it anew with them where they have to be made first. An RSA key takes a while:
 * the transaction that the work opens, which everybody else waits for, is over by then and has changed nothing.
 */
export async function withMadeKeys<T>(work: (keys: MadeKeys) => Promise<T>): Promise<T> {
  const keys = new MadeKeys();
  for (;;) {
    try {
      return await work(keys);
    } catch (error) {
      if (!(error instanceof KeysWanted)) throw error;
      await keys.make(error.wanted);
    }
  }
}

function wantedBy(settings: AuthSettings, { privateKey, dpopKey }: AuthSecrets): Wanted {
  if (settings.type !== 'oauth2') return [];
  return [
    ...(signsWithKey(settings) && !privateKey ? [['privateKey', settings.signingAlgorithm ?? 'ES256'] as const] : []),
    ...(settings.dpop && !dpopKey ? [['dpopKey', 'ES256'] as const] : []),
  ];
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
