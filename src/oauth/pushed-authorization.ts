import * as oauth from 'oauth4webapi';
import type { AuthSecrets, OAuth2Settings } from '../kernel/auth.ts';
import { Misconfigured } from '../kernel/errors.ts';
import type { Answer, CallResult, OutboundRequest } from '../kernel/exchange.ts';
import type { MaskText } from '../kernel/logger.ts';
import { type ConsentRequest, consentParameters } from './authorization.ts';
import { clientAuthOf } from './client-authentication.ts';
import { captured, clientOf, serverOf } from './provider.ts';
import { quotedCode, quoteFor } from './provider-words.ts';
import type { RequestTools } from './request-tools.ts';
import { fieldsOf } from './token-fields.ts';

const REASONS: ReadonlyMap<string, string> = new Map([
  ['invalid_client', 'does not accept the client id or how the client proves itself. Check both'],
  ['unauthorized_client', 'does not let this client ask for consent. Check the client at the provider'],
  ['invalid_scope', 'does not accept the scope. Check the scope in the connection’s settings'],
  ['invalid_target', 'does not know the resource. Check resource and audience in the connection’s settings'],
  ['invalid_redirect_uri', 'does not know our redirect URI. Register it with the client at the provider'],
  ['invalid_request', 'cannot make sense of our request. Check the redirect URI and the parameters'],
  ['use_dpop_nonce', 'wants a proof of possession with the request. Take the address for pushed requests away'],
  ['server_error', 'failed. Try again in a moment'],
  ['temporarily_unavailable', 'is too busy now. Try again in a moment'],
]);
const STATUSES: ReadonlyMap<number, string> = new Map([
  [404, 'has nothing at the address for pushed requests. Check it in the connection’s settings'],
  [405, 'takes no pushed requests at that address. Check it in the connection’s settings'],
  [413, 'finds our request too large. Ask for less'],
  [429, 'is asked too often. Try again in a moment'],
]);

/** RFC 3986 without spaces and quotes; the length is ours. */
const REQUEST_URI = /^[\x21\x23-\x7e]{1,2000}$/;
/** What a `request_uri` lives where the provider does not say (RFC 9126, section 2.2, wants it to), and at most. */
const USUAL_SECONDS = 60;
const MOST_SECONDS = 600;

/** What came of pushing a request; `code` is the provider's word or ours, `detail` one sentence without a secret. */
export type PushedReply =
  | { readonly kind: 'pushed'; readonly requestUri: string; readonly expiresIn: number }
  | { readonly kind: 'failed'; readonly code: string; readonly detail: string };

/**
 * Hands what is asked of a person to the provider itself (RFC 9126, section 2.1). Throws `Misconfigured` where there is
 * no address for it, no proof of the client, or an address that no secret may go to.
 */
export async function pushedRequest(
  settings: OAuth2Settings,
  secrets: AuthSecrets,
  consent: ConsentRequest,
  tools: RequestTools,
): Promise<OutboundRequest> {
  const address = settings.pushedAuthorizationUrl;
  if (!address) throw new Misconfigured('This connection has no address for pushed requests.');

  const server = { ...serverOf(settings), pushed_authorization_request_endpoint: address };
  const auth = clientAuthOf(settings, secrets, tools);
  const parameters = consentParameters(settings, consent);
  return captured(address, (options) =>
    oauth.pushedAuthorizationRequest(server, clientOf(settings), auth, parameters, options),
  );
}

/** What came of it (RFC 9126, sections 2.2 and 2.3). Never throws for what the provider did. */
export function readPushedReply({ outcome, request }: CallResult, mask?: MaskText): PushedReply {
  if (outcome.kind === 'failed') {
    return failed(outcome.reason, `The provider could not be asked: ${mask ? mask(outcome.detail) : outcome.detail}`);
  }
  const { status } = outcome;
  if (status >= 300 && status < 400) {
    return failed(
      'redirect',
      `The provider answered the pushed request with a redirect (${status}), which is never followed.`,
    );
  }
  const fields = fieldsOf(outcome);
  const requestUri = fields?.['request_uri'];
  if (status < 300 && typeof requestUri === 'string' && REQUEST_URI.test(requestUri)) {
    return { kind: 'pushed', requestUri, expiresIn: secondsOf(fields?.['expires_in']) };
  }
  return refusalOf(outcome, quoteFor(request, mask));
}

function refusalOf(answer: Answer, quote: ReturnType<typeof quoteFor>): PushedReply {
  const { status } = answer;
  const fields = fieldsOf(answer);
  const error = quotedCode(quote, fields?.['error']);
  if (error === null && status < 300) {
    return failed(
      'no-request-uri',
      `The provider took the pushed request (${status}) and did not say what it is called.`,
    );
  }
  const why =
    (error && REASONS.get(error)) ?? STATUSES.get(status) ?? `did not take the pushed request (${error ?? status})`;
  const words = quote(fields?.['error_description']);
  return failed(error ?? `http-${status}`, `The provider ${why}.${words ? ` It says: “${words}”` : ''}`);
}

function secondsOf(expiresIn: unknown): number {
  const seconds = Number(expiresIn);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(Math.floor(seconds), MOST_SECONDS) : USUAL_SECONDS;
}

function failed(code: string, detail: string): PushedReply {
  return { kind: 'failed', code, detail };
}
