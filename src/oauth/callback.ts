import { createHash, timingSafeEqual } from 'node:crypto';
import * as oauth from 'oauth4webapi';
import type { OAuth2Settings } from '../kernel/auth.ts';
import type { MaskText } from '../kernel/logger.ts';
import { clientOf, serverOf } from './provider.ts';
import { quotedCode, quoteFor } from './provider-words.ts';

const REASONS: ReadonlyMap<string, string> = new Map([
  ['access_denied', 'Access was not granted at the provider. Consent again when you want to go on'],
  ['unauthorized_client', 'The provider does not let this client ask for consent. Check the client at the provider'],
  ['unsupported_response_type', 'The provider does not offer this kind of consent. Check the client at the provider'],
  ['invalid_scope', 'The provider does not accept the scope. Check the scope in the connection’s settings'],
  ['invalid_request', 'The provider cannot make sense of our request. Check the connection’s settings'],
  ['server_error', 'The provider failed. Try again in a moment'],
  ['temporarily_unavailable', 'The provider is too busy now. Try again in a moment'],
  ['login_required', 'The provider wants you to sign in there first. Consent again and sign in'],
  ['interaction_required', 'The provider wants to ask you something first. Consent again and answer it'],
  ['consent_required', 'The provider wants your consent first. Consent again and agree'],
]);

/** What a browser brought back from the provider. `callback` goes into `tokenRequest` in the same process. */
export type CallbackReply =
  | { readonly kind: 'code'; readonly callback: URLSearchParams }
  | { readonly kind: 'refused'; readonly code: string; readonly detail: string };

/**
 * Reads the callback of a consent (RFC 6749, section 4.1.2; `iss` by RFC 9207, where it is sent and we know the
 * issuer). `state` is the one this consent began with. Never throws for what the browser brought.
 * `mask` takes secrets out of the provider's words.
 */
export function readCallback(
  settings: OAuth2Settings,
  params: URLSearchParams,
  state: string,
  mask?: MaskText,
): CallbackReply {
  const twice = [...new Set(params.keys())].some((name) => params.getAll(name).length > 1);
  if (twice) return refused('duplicate-parameter', 'The answer holds a parameter twice. Start the consent again.');
  if (!isSame(params.get('state'), state)) {
    return refused('state-mismatch', 'This answer belongs to another consent. Start the consent again.');
  }
  const iss = params.get('iss');
  if (iss && settings.issuer !== null && iss !== settings.issuer) {
    return refused(
      'issuer-mismatch',
      'The answer comes from another provider than the connection’s. Nothing was kept.',
    );
  }
  if (params.get('error')) return refusedBy(params, mask);
  if (!params.get('code')) return refused('no-code', 'The provider sent no code. Start the consent again.');
  return validated(settings, params, state);
}

/** The library's own checks, last: it also brands the parameters that it will take a code from. */
function validated(settings: OAuth2Settings, params: URLSearchParams, state: string): CallbackReply {
  const server = serverOf(settings);
  const issuer = settings.issuer ?? params.get('iss') ?? server.issuer;
  try {
    const callback = oauth.validateAuthResponse({ ...server, issuer }, clientOf(settings), params, state);
    return { kind: 'code', callback };
  } catch (error) {
    if (!(error instanceof oauth.OperationProcessingError || error instanceof oauth.UnsupportedOperationError)) {
      throw error;
    }
    return refused('invalid-callback', 'The provider answered in a way that this consent did not ask for.');
  }
}

function refusedBy(params: URLSearchParams, mask?: MaskText): CallbackReply {
  const body = new TextEncoder().encode(params.toString());
  const quote = quoteFor({ method: 'GET', url: '', headers: [], body }, mask);
  const code = quotedCode(quote, params.get('error')) ?? 'unknown-error';
  const sentence = REASONS.get(code) ?? `The provider refused the consent (${code})`;
  const words = quote(params.get('error_description'));
  return refused(code, words ? `${sentence}. It says: “${words}”` : `${sentence}.`);
}

function isSame(given: string | null, wanted: string): boolean {
  return given !== null && wanted !== '' && timingSafeEqual(digestOf(given), digestOf(wanted));
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function refused(code: string, detail: string): CallbackReply {
  return { kind: 'refused', code, detail };
}
