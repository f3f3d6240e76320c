import * as oauth from 'oauth4webapi';
import type { OAuth2Settings } from '../kernel/auth.ts';
import type { Answer, CallResult, Outcome } from '../kernel/exchange.ts';
import type { MaskText } from '../kernel/logger.ts';
import type { TokenReply, TokenSet } from '../kernel/token-reply.ts';
import { classify, isUsable, type Usable } from './classifier.ts';
import { expiryOf } from './expiry.ts';
import { clientOf, serverOf } from './provider.ts';
import { quoteFor } from './provider-words.ts';
import { jsonFields } from './token-fields.ts';

type Failed = Extract<Outcome, { kind: 'failed' }>;

/**
 * What came of a token request (RFC 6749, section 5). Never throws for what a provider sent. Expiry counts from the
 * moment the request left; a refresh token that is missing or empty is null, and the one held before stays good. `mask` takes
 * out of the provider's words what the request itself does not tell.
 */
export async function readTokenReply(
  result: CallResult,
  settings: OAuth2Settings,
  mask?: MaskText,
): Promise<TokenReply> {
  const { outcome, request, startedAt, finishedAt } = result;
  if (outcome.kind === 'failed') {
    const rescued = outcome.partial && rescuedFields(outcome.partial);
    return rescued ? granted(rescued, settings, startedAt) : unanswered(outcome);
  }
  const reading = classify(outcome, finishedAt, quoteFor(request, mask));
  return reading.kind === 'usable' ? granted(reading.fields, settings, startedAt) : reading;
}

/** A token that had arrived whole before the connection broke: asking again would throw it away. */
function rescuedFields({ status, body }: Answer): Usable | null {
  if (status < 200 || status >= 300 || body.truncated) return null;
  const fields = jsonFields(new TextDecoder().decode(body.bytes));
  return isUsable(fields) ? fields : null;
}

function unanswered({ reason, detail, sent }: Failed): TokenReply {
  return sent
    ? { kind: 'ambiguous', code: reason, detail }
    : { kind: 'transient', code: reason, detail, retryAfterMs: null };
}

async function granted(fields: Usable, settings: OAuth2Settings, sentAt: Date): Promise<TokenReply> {
  const reply = await oauth.processGenericTokenEndpointResponse(
    serverOf(settings),
    clientOf(settings),
    Response.json(conform(fields)),
  );
  const tokens: TokenSet = {
    accessToken: reply.access_token,
    refreshToken: reply.refresh_token ?? null,
    tokenType: 'bearer',
    scope: reply.scope ?? null,
    refreshExpiresAt: null,
    expiresAt: expiryOf(reply.access_token, fields['expires_in'], sentAt),
  };
  return { kind: 'granted', tokens };
}

/**
 * The answer as the standard wants it. Providers leave `token_type` out or call it their own way, and mean a bearer
 * token, since we ask for nothing else. An ID token is of no use here, and a stale one must not cost us the grant.
 */
function conform(fields: Usable): Record<string, string> {
  const { access_token, refresh_token, scope } = fields;
  return {
    access_token,
    token_type: 'bearer',
    ...(typeof refresh_token === 'string' && refresh_token !== '' && { refresh_token }),
    ...(typeof scope === 'string' && { scope }),
  };
}
