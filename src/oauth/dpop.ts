import { createHash } from 'node:crypto';
import type { Answer } from '../kernel/exchange.ts';
import { type HeaderPairs, headerValue } from '../kernel/headers.ts';
import type { AnswerHead } from '../kernel/outbound.ts';
import { epochSeconds, type RequestTools } from './request-tools.ts';
import { publicJwkOf, signedJwt, signingKey } from './signing.ts';
import { fieldsOf } from './token-fields.ts';

/** RFC 9449, section 8.1; the length is ours. */
const NONCE = /^[\x21\x23-\x5b\x5d-\x7e]{1,1024}$/;
/** One that says so in a challenge of its own (RFC 9449, section 9). */
const CHALLENGE = /(^|[\s,])DPoP\s.*\berror\s*=\s*"?use_dpop_nonce"?(?=[\s,]|$)/i;
const MAX_ORIGINS = 1000;

/** The request that a proof is for: `url` may hold a query and a fragment, which a proof leaves out. */
export interface ProvenRequest {
  readonly method: string;
  readonly url: string;
  /** What goes along to an API; a token request has none. */
  readonly accessToken?: string;
  /** The newest nonce of that server, where it gave one. */
  readonly nonce?: string | null;
}

/**
 * Proves for one request that we hold `key` (PKCS #8 as PEM): the value of its `DPoP` header (RFC 9449, section 4.2).
 * Throws `Misconfigured` for a key that cannot be read or does not sign.
 */
export function dpopProof(
  key: string,
  { method, url, accessToken, nonce }: ProvenRequest,
  tools: RequestTools,
): string {
  const signing = signingKey(key);
  const { origin, pathname } = new URL(url);
  const claims = {
    jti: tools.newId(),
    htm: method,
    htu: `${origin}${pathname}`,
    iat: epochSeconds(tools),
    ath: accessToken === undefined ? undefined : createHash('sha256').update(accessToken).digest('base64url'),
    nonce: nonce ?? undefined,
  };
  return signedJwt(signing, { typ: 'dpop+jwt', jwk: publicJwkOf(signing.key) }, claims);
}

/** The nonce that a server wants in what comes next (RFC 9449, section 8.2), or null. */
export function nonceOf(headers: HeaderPairs): string | null {
  const nonce = headerValue(headers, 'dpop-nonce');
  return nonce !== null && NONCE.test(nonce) ? nonce : null;
}

/**
 * True where the same request is to be made again with the nonce that came along: a token endpoint says so in its body
 * (RFC 9449, section 8), an API in its challenge (section 9). For an API leave the body out.
 */
export function wantsNonce({ status, headers, body }: AnswerHead & { readonly body?: Answer['body'] }): boolean {
  if ((status !== 400 && status !== 401) || nonceOf(headers) === null) return false;
  if (body && fieldsOf({ status, headers, body })?.['error'] === 'use_dpop_nonce') return true;
  return headers.some(([name, value]) => name.toLowerCase() === 'www-authenticate' && CHALLENGE.test(value));
}

/** The newest nonce of each server, by origin (RFC 9449, section 8.2); beyond a thousand the stalest is forgotten. */
export class DpopNonces {
  readonly #newest = new Map<string, string>();

  /** The nonce for the next request to `url`, or null. */
  for(url: string): string | null {
    return this.#newest.get(new URL(url).origin) ?? null;
  }

  /** Takes over what an answer of `url` brought. */
  keep(url: string, headers: HeaderPairs): void {
    const nonce = nonceOf(headers);
    if (nonce === null) return;
    const { origin } = new URL(url);
    this.#newest.delete(origin);
    this.#newest.set(origin, nonce);
    const [oldest] = this.#newest.keys();
    if (this.#newest.size > MAX_ORIGINS && oldest !== undefined) this.#newest.delete(oldest);
  }
}
