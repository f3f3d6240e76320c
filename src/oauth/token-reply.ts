import * as oauth from 'oauth4webapi';
import type { OAuth2Settings } from '../kernel/auth.ts';
import type { Answer, CallResult, Outcome } from '../kernel/exchange.ts';
import type { MaskText } from '../kernel/logger.ts';
import type { TokenReply, TokenSet, TokenType } from '../kernel/token-reply.ts';
import { classify, isUsable, type Usable } from './classifier.ts';
import { expiryOf, refreshExpiryOf } from './expiry.ts';
import { clientOf, serverOf } from './provider.ts';
import { quoteFor } from './provider-words.ts';
import { fieldsAt, jsonFields } from './token-fields.ts';

const MS_PER_S = 1000;

/** Types whose tokens want a proof that we cannot give, or are no access tokens at all (RFC 8693, section 2.2.1). */
const NEEDS_OTHER_PROOF: ReadonlySet<string> = new Set(['mac', 'pop', 'hawk', 'n_a']);

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
    const rescued = outcome.partial && rescuedFields(outcome.partial, settings.quirks.tokenPath);
    return rescued ? granted(rescued, settings, startedAt) : unanswered(outcome);
  }
  const reading = classify(outcome, finishedAt, quoteFor(request, mask), settings.quirks.tokenPath);
  return reading.kind === 'usable' ? granted(reading.fields, settings, startedAt) : reading;
}

/** A token that had arrived whole before the connection broke: asking again would throw it away. */
function rescuedFields({ status, body }: Answer, tokenPath: string | null): Usable | null {
  if (status < 200 || status >= 300 || body.truncated) return null;
  const whole = jsonFields(new TextDecoder().decode(body.bytes));
  const fields = whole && fieldsAt(whole, tokenPath);
  return isUsable(fields) ? fields : null;
}

function unanswered({ reason, detail, sent }: Failed): TokenReply {
  return sent
    ? { kind: 'ambiguous', code: reason, detail }
    : { kind: 'transient', code: reason, detail, retryAfterMs: null };
}

async function granted(fields: Usable, settings: OAuth2Settings, sentAt: Date): Promise<TokenReply> {
  const tokenType = tokenTypeOf(fields['token_type'], settings);
  if (tokenType === null) return unsendable(settings);
  const conforming = Response.json(conform(fields, tokenType));
  const reply = await oauth.processGenericTokenEndpointResponse(serverOf(settings), clientOf(settings), conforming);
  const unit = settings.quirks.expiresInMs ? MS_PER_S : 1;
  const refreshExpiresIn = fields['refresh_expires_in'] ?? fields['refresh_token_expires_in'];
  const tokens: TokenSet = {
    accessToken: reply.access_token,
    refreshToken: reply.refresh_token ?? null,
    tokenType,
    scope: reply.scope ?? null,
    refreshExpiresAt: refreshExpiryOf(refreshExpiresIn, sentAt, unit),
    expiresAt: expiryOf(reply.access_token, fields['expires_in'], sentAt, unit),
  };
  return { kind: 'granted', tokens };
}

/**
 * How a token is sent, or null where we cannot. A provider that says nothing, or calls it its own way, means a bearer
 * token: a bound one has to say so (RFC 9449, section 5).
 */
function tokenTypeOf(given: unknown, { dpop }: OAuth2Settings): TokenType | null {
  const type = typeof given === 'string' ? given.toLowerCase() : '';
  if (type === 'dpop') return dpop ? 'dpop' : null;
  return NEEDS_OTHER_PROOF.has(type) ? null : 'bearer';
}

function unsendable({ dpop }: OAuth2Settings): TokenReply {
  const what = 'The provider gave a token of a type that cannot be sent here';
  const next = dpop ? 'Check what kind of token is asked for' : 'Tokens that are bound to a key need DPoP switched on';
  return { kind: 'misconfigured', code: 'token-type', detail: `${what}. ${next}.` };
}

/** The answer as the standard wants it. An ID token is of no use here, and a stale one must not cost us the grant. */
function conform(fields: Usable, token_type: TokenType): Record<string, string> {
  const { access_token, refresh_token, scope } = fields;
  return {
    access_token,
    token_type,
    ...(typeof refresh_token === 'string' && refresh_token !== '' && { refresh_token }),
    ...(typeof scope === 'string' && { scope }),
  };
}
