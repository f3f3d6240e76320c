import { createHash, timingSafeEqual } from 'node:crypto';
import * as oauth from 'oauth4webapi';
import type { OAuth2Settings } from '../kernel/auth.ts';
import type { MaskText } from '../kernel/logger.ts';
import { endpointFault } from './endpoint-url.ts';
import { clientOf, serverOf } from './provider.ts';
import { quotedCode, quoteFor } from './provider-words.ts';

const LONGEST_PAGE = 200;
const TOKEN_SHAPE = /[\w~+=.-]{24,}/;

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
 * Reads the callback of a consent (RFC 6749, section 4.1.2). `state` is the one this consent began with; `iss` has to be
 * the connection's issuer where it is sent, and has to be sent where the settings say so (RFC 9207, section 2.4).
 * Never throws for what the browser brought. `mask` takes secrets out of the provider's words.
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
  const fault = issuerFault(settings, params);
  if (fault) return fault;
  if (params.get('error')) return refusedBy(params, mask);
  if (!params.get('code')) return refused('no-code', 'The provider sent no code. Start the consent again.');
  return validated(settings, params, state);
}

/** Who answers, before anything it says is taken for the provider's (mix-up, RFC 9700 section 4.4). */
function issuerFault({ issuer, requiresIss }: OAuth2Settings, params: URLSearchParams): CallbackReply | null {
  const iss = params.get('iss');
  if (iss && issuer !== null && iss !== issuer) {
    return refused(
      'issuer-mismatch',
      'The answer comes from another provider than the connection’s. Nothing was kept.',
    );
  }
  if (!requiresIss) return null;
  if (issuer === null) {
    return refused(
      'issuer-unknown',
      'Answers have to name the issuer, and this connection has none to compare with. Enter it in the settings.',
    );
  }
  if (iss) return null;
  const code = params.get('error');
  const said = code && REASONS.has(code) ? ` It says “${code}”, for what that is worth.` : '';
  return refused(
    'issuer-missing',
    `The answer does not say which provider it comes from, and this connection’s has to. Nothing was kept.${said}`,
  );
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
  const page = pageOf(params.get('error_uri'), mask);
  return refused(code, `${sentence}.${words ? ` It says: “${words}”` : ''}${page ? ` More at ${page}` : ''}`);
}

/** The page that a provider names for an error, as text and without whatever has the shape of a token; else null. */
function pageOf(uri: string | null, mask?: MaskText): string | null {
  if (uri === null || uri.length > LONGEST_PAGE || endpointFault(uri) !== null) return null;
  const { pathname, search, href } = new URL(uri);
  return search || TOKEN_SHAPE.test(pathname) || (mask && mask(uri) !== uri) ? null : href;
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
