import * as oauth from 'oauth4webapi';
import type { AuthSecrets, OAuth2Settings } from '../kernel/auth.ts';
import { Misconfigured } from '../kernel/errors.ts';
import type { Answer, CallResult, OutboundRequest } from '../kernel/exchange.ts';
import type { MaskText } from '../kernel/logger.ts';
import { isOurParameter } from './authorization.ts';
import { classify } from './classifier.ts';
import { clientAuthOf } from './client-authentication.ts';
import { isLoopbackHost } from './endpoint-url.ts';
import { captured, clientOf, serverOf } from './provider.ts';
import { quoteFor } from './provider-words.ts';
import type { RequestTools } from './request-tools.ts';
import { jsonFields, type TokenFields } from './token-fields.ts';

/** How long codes are good where the provider does not say, and at most; seconds. */
const USUAL_LIFE_S = 15 * 60;
const LONGEST_LIFE_S = 24 * 60 * 60;

/** Seconds between two polls where the provider does not say (RFC 8628, section 3.2), and at most. */
const USUAL_INTERVAL_S = 5;
const LONGEST_INTERVAL_S = 60 * 60;

const MAX_USER_CODE = 64;
const MAX_ADDRESS = 2048;
const WEB = new Set(['https:', 'http:']);

/** What the provider gave for a person to consent with elsewhere (RFC 8628, section 3.2). */
export interface DeviceAuthorization {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly verificationUri: string;
  /** The same address with the code in it, where the provider gives one that can be used. */
  readonly completeUri: string | null;
  readonly expiresInSeconds: number;
  readonly intervalSeconds: number;
}

/** What came of asking. `detail` is one sentence for people, without a secret. */
export type DeviceReply =
  | { readonly kind: 'started'; readonly authorization: DeviceAuthorization }
  | { readonly kind: 'failed'; readonly code: string; readonly detail: string };

/**
 * The request that a consent on another device begins with (RFC 8628, section 3.1), with the client's own proof, a
 * `resource` each (RFC 8707) and the authorisation request's parameters of one's own in its form. Throws `Misconfigured`
 * where there is no device authorisation URL, what the client proves itself with is missing, or the address is unsafe.
 */
export async function deviceAuthorizationRequest(
  settings: OAuth2Settings,
  secrets: AuthSecrets,
  tools: RequestTools,
): Promise<OutboundRequest> {
  const endpoint = settings.deviceAuthorizationUrl;
  if (!endpoint) {
    throw new Misconfigured('This connection has no device authorisation URL. Enter it in the connection’s settings.');
  }
  const server = { ...serverOf(settings), device_authorization_endpoint: endpoint };
  const auth = clientAuthOf(settings, secrets, tools);
  return captured(endpoint, (options) =>
    oauth.deviceAuthorizationRequest(server, clientOf(settings), auth, parametersOf(settings), options),
  );
}

/**
 * What the device endpoint answered; JSON or, as some send it, a form. Never throws for what a provider sent. `mask` takes
 * out of the provider's words what the request itself does not tell.
 */
export function readDeviceAuthorization({ outcome, request, finishedAt }: CallResult, mask?: MaskText): DeviceReply {
  if (outcome.kind === 'failed') return failed(outcome.reason, outcome.detail);
  const { status } = outcome;
  if (status >= 300 && status < 400) {
    return failed('redirect', `The device endpoint answered with a redirect (${status}), which is never followed.`);
  }
  const fields = fieldsOf(outcome);
  if (status < 300 && fields && !('error' in fields)) return authorizationOf(fields);
  const reading = classify(outcome, finishedAt, quoteFor(request, mask));
  return reading.kind === 'usable'
    ? failed('no-device-code', 'The device endpoint answered with a token. Check that its URL is not the token URL.')
    : failed(reading.code, reading.detail);
}

/** True where a page may link to an address that a provider gave: https, or http on this machine, and no user name in it. */
export function isSafeLink(address: string): boolean {
  const url = URL.parse(address);
  if (!url || url.username || url.password) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname));
}

function parametersOf({ scope, resource, audience, parameters }: OAuth2Settings): URLSearchParams {
  const asked: [string, string][] = [
    ...(scope ? [['scope', scope] satisfies [string, string]] : []),
    ...resource.map((one): [string, string] => ['resource', one]),
    ...(audience ? [['audience', audience] satisfies [string, string]] : []),
  ];
  const taken = new Set(asked.map(([name]) => name));
  const own = parameters
    .filter(({ phase, in: place, name }) => phase === 'authorize' && place === 'query' && !isOurParameter(name))
    .filter(({ name }) => !taken.has(name) && !name.startsWith('client_'))
    .map(({ name, value }): [string, string] => [name, value]);
  return new URLSearchParams([...asked, ...own]);
}

function fieldsOf({ body }: Answer): TokenFields | null {
  if (body.truncated) return null;
  const text = new TextDecoder().decode(body.bytes).trim();
  const form = /^[\w.-]+=\S+$/.test(text) ? Object.fromEntries(new URLSearchParams(text)) : null;
  return jsonFields(text) ?? form;
}

/** `verification_url` is what the address was called before the standard had a name for it. */
function authorizationOf(fields: TokenFields): DeviceReply {
  const { device_code: deviceCode, user_code: userCode, verification_uri_complete: complete } = fields;
  const verificationUri = fields['verification_uri'] ?? fields['verification_url'];
  if (!isText(deviceCode) || !isText(userCode) || userCode.length > MAX_USER_CODE) {
    return failed('no-device-code', 'The device endpoint’s answer holds no code to consent with. Check its URL.');
  }
  if (!isAddress(verificationUri)) {
    return failed('no-address', 'The device endpoint’s answer names no web address to consent at. Check its URL.');
  }
  const authorization: DeviceAuthorization = {
    deviceCode,
    userCode,
    verificationUri,
    completeUri: isAddress(complete) ? complete : null,
    expiresInSeconds: Math.min(positive(fields['expires_in']) ?? USUAL_LIFE_S, LONGEST_LIFE_S),
    intervalSeconds: Math.min(positive(fields['interval']) ?? USUAL_INTERVAL_S, LONGEST_INTERVAL_S),
  };
  return { kind: 'started', authorization };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

function isAddress(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_ADDRESS && WEB.has(URL.parse(value)?.protocol ?? '');
}

/** Whole seconds, from a number or a numeric text; null for anything else. */
function positive(value: unknown): number | null {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && number >= 1 ? Math.ceil(number) : null;
}

function failed(code: string, detail: string): DeviceReply {
  return { kind: 'failed', code, detail };
}
