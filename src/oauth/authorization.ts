import { createHash } from 'node:crypto';
import type { OAuth2Settings } from '../kernel/auth.ts';
import { Misconfigured } from '../kernel/errors.ts';
import type { RandomBytes } from '../kernel/ids.ts';
import { endpointFault } from './endpoint-url.ts';
import { publicJwkOf, signingKey, thumbprintOf } from './signing.ts';

export { type CallbackReply, readCallback } from './callback.ts';

const SECRET_BYTES = 32;

/** What binds a request to its consent and to its client: no address and no parameter of one's own says any of it. */
const OURS: ReadonlySet<string> = new Set([
  'response_type',
  'client_id',
  'redirect_uri',
  'state',
  'code_challenge',
  'code_challenge_method',
  'request_uri',
  'request',
  'dpop_jkt',
]);

/** True for a name that no parameter of one's own of an authorisation request may have: it would say nothing. */
export function isOurParameter(name: string): boolean {
  return OURS.has(name);
}

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

/** What a code is bound to by its tokens' key, PKCS #8 as PEM (RFC 9449, section 10). Throws `Misconfigured`. */
export function proofThumbprint(key: string): string {
  return thumbprintOf(publicJwkOf(signingKey(key).key));
}

/** What binds one consent to the browser that asked for it, and to the code that comes back. */
export interface ConsentRequest {
  readonly state: string;
  readonly challenge: string;
  readonly redirectUri: string;
  /** Thumbprint of the key that the code is to be bound to (RFC 9449, section 10), where tokens are. */
  readonly proofThumbprint?: string;
}

/**
 * What is asked of a person (RFC 6749, section 4.1.1), with PKCE always (RFC 7636, section 4.3) and a `resource` each
 * (RFC 8707, section 2). Parameters of one's own stand beside it and never in place of it.
 */
export function consentParameters(settings: OAuth2Settings, consent: ConsentRequest): URLSearchParams {
  const asked: [string, string | null | undefined][] = [
    ['response_type', 'code'],
    ['client_id', settings.clientId],
    ['redirect_uri', consent.redirectUri],
    ['scope', settings.scope],
    ...settings.resource.map((resource): [string, string] => ['resource', resource]),
    ['audience', settings.audience],
    ['state', consent.state],
    ['code_challenge', consent.challenge],
    ['code_challenge_method', 'S256'],
    ['dpop_jkt', consent.proofThumbprint],
  ];
  const given = asked.filter((pair): pair is [string, string] => Boolean(pair[1]));
  const names = new Set(given.map(([name]) => name));
  const own = settings.parameters
    .filter((parameter) => parameter.phase === 'authorize' && parameter.in === 'query')
    .filter(({ name }) => !isOurParameter(name) && !names.has(name))
    .map(({ name, value }): [string, string] => [name, value]);
  return new URLSearchParams([...given, ...own]);
}

/**
 * Where a person goes to consent. Parameters that stand in the settings' address stay (RFC 6749, section 3.1), unless
 * the request says the same. Throws `Misconfigured` where there is no usable authorisation URL.
 */
export function authorizationUrl(settings: OAuth2Settings, consent: ConsentRequest): string {
  return addressWith(settings, consentParameters(settings, consent));
}

/** Where a person goes once the request was pushed (RFC 9126, section 4). Throws as `authorizationUrl` does. */
export function pushedAuthorizationUrl(settings: OAuth2Settings, requestUri: string): string {
  const { clientId } = settings;
  return addressWith(settings, new URLSearchParams({ client_id: clientId, request_uri: requestUri }));
}

function addressWith({ authorizationUrl: address }: OAuth2Settings, parameters: URLSearchParams): string {
  if (!address) {
    throw new Misconfigured('This connection has no authorisation URL. Enter it in the connection’s settings.');
  }
  const fault = endpointFault(address);
  if (fault) throw new Misconfigured(fault);

  const url = new URL(address);
  const kept = [...url.searchParams].filter(([name]) => !isOurParameter(name) && !parameters.has(name));
  url.search = new URLSearchParams([...kept, ...parameters]).toString();
  return url.href;
}
