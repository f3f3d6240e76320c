import { createHash } from 'node:crypto';
import type { OAuth2Settings } from '../kernel/auth.ts';
import { Misconfigured } from '../kernel/errors.ts';
import type { RandomBytes } from '../kernel/ids.ts';
import { endpointFault } from './endpoint-url.ts';

export { type CallbackReply, readCallback } from './callback.ts';

const SECRET_BYTES = 32;

/** A new `state` (RFC 6749, section 10.12): 32 unpredictable bytes, base64url. */
export function newState(random: RandomBytes): string {
  return random(SECRET_BYTES).toString('base64url');
}

/** A new `code_verifier` (RFC 7636, section 4.1): 32 unpredictable bytes, base64url. */
export function newVerifier(random: RandomBytes): string {
  return random(SECRET_BYTES).toString('base64url');
}

/** The S256 `code_challenge` of a verifier (RFC 7636, section 4.2). */
export function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}

/** What binds one consent to the browser that asked for it, and to the code that comes back. */
export interface ConsentRequest {
  readonly state: string;
  readonly challenge: string;
  readonly redirectUri: string;
}

/**
 * Where a person goes to consent (RFC 6749, section 4.1.1), with PKCE always. Parameters that stand in the settings'
 * address already are kept. Throws `Misconfigured` where there is no usable authorisation URL.
 */
export function authorizationUrl(settings: OAuth2Settings, consent: ConsentRequest): string {
  const address = settings.authorizationUrl;
  if (!address) {
    throw new Misconfigured('This connection has no authorisation URL. Enter it in the connection’s settings.');
  }
  const fault = endpointFault(address);
  if (fault) throw new Misconfigured(fault);

  const url = new URL(address);
  const fields = {
    response_type: 'code',
    client_id: settings.clientId,
    redirect_uri: consent.redirectUri,
    ...(settings.scope && { scope: settings.scope }),
    state: consent.state,
    code_challenge: consent.challenge,
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(fields)) url.searchParams.set(name, value);
  return url.href;
}
