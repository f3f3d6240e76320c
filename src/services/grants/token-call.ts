import type { AuthSecrets } from '../../kernel/auth.ts';
import type { CallResult, OutboundRequest } from '../../kernel/exchange.ts';
import type { Masker } from '../../kernel/masker.ts';
import type { Send } from '../../kernel/outbound.ts';
import type { TokenReply } from '../../kernel/token-reply.ts';
import type { OAuth2Settings } from '../../kernel/auth.ts';
import { readTokenReply } from '../../oauth/token-reply.ts';
import { maskerFor } from '../../secrets/masking.ts';

/** A token call's total deadline; always less than the lease. */
const DEADLINE_MS = 20_000;

/** A token endpoint's answer is never larger. */
const ANSWER_BYTES = 256 * 1024;

/** Token calls of one provider that may fly at once. */
const PROVIDER_WIDTH = 8;

/** A token endpoint's answer, read. */
export interface TokenAnswer {
  readonly result: CallResult;
  readonly reply: TokenReply;
}

/** Sends a request to one of a provider's endpoints within the limits of a token call; no transaction may be open. */
export function callProvider(send: Send, request: OutboundRequest, masker: Masker): Promise<CallResult> {
  const { origin } = new URL(request.url);
  return send({
    request,
    lane: { key: `provider:${origin}`, width: PROVIDER_WIDTH },
    deadlineMs: DEADLINE_MS,
    keepBytes: ANSWER_BYTES,
    maxBytes: ANSWER_BYTES,
    redirects: 'none',
    origins: [origin],
    credentialHeaders: ['authorization'],
    masker,
  });
}

/** Sends a token request and reads the answer; no transaction may be open. */
export async function callTokenEndpoint(
  send: Send,
  settings: OAuth2Settings,
  request: OutboundRequest,
  masker: Masker,
): Promise<TokenAnswer> {
  const result = await callProvider(send, request, masker);
  return { result, reply: await readTokenReply(result, settings, (words) => masker.text(words)) };
}

/** What must not be seen of a token call: what it carries, and what came with the answer. */
export function tokenCallMasker(
  { clientId }: OAuth2Settings,
  { clientSecret }: AuthSecrets,
  carried: readonly (string | null)[],
  reply?: TokenReply,
): Masker {
  const came = reply?.kind === 'granted' ? [reply.tokens.accessToken, reply.tokens.refreshToken] : [];
  const secrets = [clientSecret, ...carried, ...came].filter((secret) => typeof secret === 'string' && secret !== '');
  return maskerFor({
    secrets: secrets as string[],
    basicPairs: clientSecret ? [[clientId, clientSecret]] : [],
    wide: true,
  });
}
