import type { AuthSecrets } from '../../kernel/auth.ts';
import { Misconfigured } from '../../kernel/errors.ts';
import type { HeaderPairs } from '../../kernel/headers.ts';
import type { HopPlace, HopProver } from '../../kernel/outbound.ts';
import { type DpopNonces, dpopProof } from '../../oauth/dpop.ts';
import type { RequestTools } from '../../oauth/request-tools.ts';
import { signingKey } from '../../oauth/signing.ts';
import type { FreshToken } from '../grants/renewal.ts';

interface Parts extends RequestTools {
  readonly nonces: DpopNonces;
  /** Hears of every proof that is about to leave. */
  readonly onProof: (proof: string) => void;
}

/** Proofs of possession for the hops of one call, each with the newest nonce of its server (RFC 9449, section 7.1). */
export class CallProofs implements HopProver {
  readonly #parts: Parts;
  readonly #key: string;
  readonly #accessToken: string;

  /** Throws `Misconfigured` where the key that the token is bound to is not held, or does not sign. */
  constructor({ accessToken }: FreshToken, { dpopKey }: AuthSecrets, parts: Parts) {
    if (!dpopKey)
      throw new Misconfigured('The token is bound to a key that this connection does not hold. Get a new token.');
    signingKey(dpopKey);
    this.#parts = parts;
    this.#key = dpopKey;
    this.#accessToken = accessToken;
  }

  headersFor({ method, url }: HopPlace): HeaderPairs {
    const { nonces, onProof } = this.#parts;
    const proven = { method, url, accessToken: this.#accessToken, nonce: nonces.for(url) };
    const proof = dpopProof(this.#key, proven, this.#parts);
    onProof(proof);
    return [['dpop', proof]];
  }

  answered({ url }: HopPlace, headers: HeaderPairs): void {
    this.#parts.nonces.keep(url, headers);
  }
}
