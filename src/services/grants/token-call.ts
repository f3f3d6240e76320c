import type { AuthSecrets, OAuth2Settings } from '../../kernel/auth.ts';
import type { CallResult, OutboundRequest } from '../../kernel/exchange.ts';
import type { Masker } from '../../kernel/masker.ts';
import type { Send } from '../../kernel/outbound.ts';
import type { TokenReply } from '../../kernel/token-reply.ts';
import { type DpopNonces, wantsNonce } from '../../oauth/dpop.ts';
import type { RequestTools } from '../../oauth/request-tools.ts';
import { readTokenReply } from '../../oauth/token-reply.ts';
import { type TokenGrant, tokenRequest } from '../../oauth/token-request.ts';
import { joinedTimings } from '../../outbound/hop-times.ts';
import { tlsIdentityOf } from './tls-identity.ts';
import { callSecrets, tokenCallMasker } from './token-call-masker.ts';

export { tokenCallMasker } from './token-call-masker.ts';

/** A token call's total deadline, a resend included; always less than the lease. */
const DEADLINE_MS = 20_000;

/** A token endpoint's answer is never larger. */
const ANSWER_BYTES = 256 * 1024;

/** Token calls of one provider that may fly at once. */
export const PROVIDER_WIDTH = 8;

/** A connection as its provider knows it. */
export interface ProviderClient {
  readonly settings: OAuth2Settings;
  readonly secrets: AuthSecrets;
  readonly certificateAuthorities: string | null;
}

/** A token call to make, and the connection's other tokens, which are not to be seen either. */
export interface TokenCall extends ProviderClient {
  readonly grant: TokenGrant;
  readonly held: readonly (string | null)[];
}

/** A token call that can be written down and made, once. */
export interface ReadyTokenCall extends TokenCall {
  readonly request: OutboundRequest;
  readonly masker: Masker;
}

/** A token endpoint's answer, read. `masker` covers what was sent and what came. */
export interface TokenAnswer {
  readonly result: CallResult;
  readonly reply: TokenReply;
  readonly attempts: number;
  readonly masker: Masker;
}

/** What token calls are made with. */
export interface TokenCallTools extends RequestTools {
  readonly send: Send;
  readonly nonces: DpopNonces;
}

/**
 * Sends a request to one of a provider's endpoints within the limits of a token call; no transaction may be open. The
 * client's certificate, where it has one, is shown to that endpoint.
 */
export function callProvider(
  send: Send,
  request: OutboundRequest,
  masker: Masker,
  client?: ProviderClient,
  deadlineMs = DEADLINE_MS,
): Promise<CallResult> {
  const { origin } = new URL(request.url);
  const tls = client && tlsIdentityOf(client.settings, client.secrets, client.certificateAuthorities, [origin]);
  return send({
    request,
    lane: { key: `provider:${origin}`, width: PROVIDER_WIDTH },
    deadlineMs,
    keepBytes: ANSWER_BYTES,
    maxBytes: ANSWER_BYTES,
    redirects: 'none',
    origins: [origin],
    credentialHeaders: ['authorization'],
    ...(tls && { tls }),
    masker,
  });
}

/** Makes a token call's request. Throws `Misconfigured` as `tokenRequest` does. */
export async function readyTokenCall(call: TokenCall, tools: Omit<TokenCallTools, 'send'>): Promise<ReadyTokenCall> {
  const { settings, secrets, grant } = call;
  const nonce = settings.dpop ? tools.nonces.for(settings.tokenUrl) : null;
  const request = await tokenRequest(settings, secrets, grant, { ...tools, nonce });
  return { ...call, request, masker: maskerOf(call, [request]) };
}

/**
 * Sends a token request and reads the answer; no transaction may be open. A server that wants a nonce in the proof gets
 * the request again, anew, within the same deadline (RFC 9449, section 8): it has not looked at the grant.
 */
export async function callTokenEndpoint(call: ReadyTokenCall, tools: TokenCallTools): Promise<TokenAnswer> {
  const first = await sendOnce(call, tools, DEADLINE_MS);
  const leftMs = DEADLINE_MS - first.timings.total;
  if (!call.settings.dpop || first.outcome.kind === 'failed' || !wantsNonce(first.outcome) || leftMs <= 0) {
    return read(call, first, first, [call.request]);
  }
  const again = await readyTokenCall(call, tools);
  const second = await sendOnce(again, tools, leftMs);
  return read(call, second, joined(first, second), [call.request, again.request]);
}

async function sendOnce(call: ReadyTokenCall, { send, nonces }: TokenCallTools, deadlineMs: number) {
  const { request, masker } = call;
  const result = await callProvider(send, request, masker, call, deadlineMs);
  if (call.settings.dpop && result.outcome.kind === 'answered') nonces.keep(request.url, result.outcome.headers);
  return result;
}

async function read(
  call: TokenCall,
  last: CallResult,
  whole: CallResult,
  requests: readonly OutboundRequest[],
): Promise<TokenAnswer> {
  const sent = maskerOf(call, requests);
  const reply = await readTokenReply(last, call.settings, (words) => sent.text(words));
  return { result: whole, reply, attempts: requests.length, masker: maskerOf(call, requests, reply) };
}

/** Both calls as one: what went out first, what came of it in the end, and each hop. */
function joined(first: CallResult, second: CallResult): CallResult {
  const again = second.hops.map((hop) => ({ ...hop, attempt: 2 }));
  const total = first.timings.total + second.timings.total;
  return {
    ...second,
    request: first.request,
    startedAt: first.startedAt,
    hops: [...first.hops, ...again],
    timings: joinedTimings([first, second], total),
  };
}

function maskerOf(call: TokenCall, requests: readonly OutboundRequest[], reply?: TokenReply): Masker {
  const carried = [...call.held, ...callSecrets(call.grant, requests)];
  return tokenCallMasker(call.settings, call.secrets, carried, reply);
}
