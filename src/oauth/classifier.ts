import type { Answer } from '../kernel/exchange.ts';
import type { TokenReply } from '../kernel/token-reply.ts';
import { type Quote, quotedCode } from './provider-words.ts';
import { retryAfterMs } from './retry-after.ts';
import { fieldsAt, fieldsOf, type TokenFields } from './token-fields.ts';

const MISCONFIGURED: ReadonlyMap<string, string> = new Map([
  ['invalid_client', 'does not accept the client id or its secret. Check both, and how the client proves itself'],
  ['unauthorized_client', 'does not let this client use this grant type. Check the client at the provider'],
  ['invalid_scope', 'does not accept the scope. Check the scope in the connection’s settings'],
  ['unsupported_grant_type', 'does not know this grant type. Check the grant type and the token URL'],
  ['invalid_request', 'cannot make sense of our request. Check the token URL and how the client proves itself'],
  ['invalid_target', 'does not know the resource or the audience. Check both in the connection’s settings'],
  ['invalid_dpop_proof', 'does not accept our proof of possession. Check that its clock and ours agree'],
  ['interaction_required', 'wants to see a person before it goes on. Consent again'],
  ['login_required', 'wants a person to sign in before it goes on. Consent again'],
  ['consent_required', 'wants a person’s consent before it goes on. Consent again'],
]);
/** Trying again by itself cannot help, and the grant is not refused: it stays, and a person is asked for. */
const WANTS_PERSON: ReadonlySet<string> = new Set(['interaction_required', 'login_required', 'consent_required']);
const COMING_BACK: ReadonlySet<string> = new Set(['temporarily_unavailable', 'server_error', 'slow_down']);
const TRANSIENT: ReadonlySet<number> = new Set([408, 429, 500, 503]);
const SENDABLE = /^[\x20-\x7e]*[\x21-\x7e][\x20-\x7e]*$/;

/** A token endpoint's answer that is no grant, or the fields of one that is. */
export type Reading = Exclude<TokenReply, { kind: 'granted' }> | { readonly kind: 'usable'; readonly fields: Usable };

/** Fields that hold an access token which can be sent. */
export type Usable = TokenFields & { readonly access_token: string };

/**
 * Sorts a token endpoint's answer, status first, then body (RFC 6749, sections 5.1 and 5.2, and what providers make of
 * them). When in doubt the grant lives: only the provider's own `invalid_grant` is a refusal. `tokenPath` as in `Quirks`.
 */
export function classify(answer: Answer, receivedAt: Date, quote: Quote, tokenPath: string | null = null): Reading {
  const { status } = answer;
  if (status >= 300 && status < 400) {
    return {
      kind: 'misconfigured',
      code: 'redirect',
      detail: `The token endpoint answered with a redirect (${status}), which is never followed. Check the token URL.`,
    };
  }
  const wait = retryAfterMs(answer.headers, receivedAt);
  if (TRANSIENT.has(status)) return transient(`http-${status}`, `The provider cannot answer now (${status}).`, wait);
  if (status >= 500) return ambiguous(`http-${status}`, `A gateway answered for the provider (${status}).`);

  const fields = fieldsOf(answer);
  const token = fields && fieldsAt(fields, tokenPath);
  if (status < 300 && isUsable(token)) return { kind: 'usable', fields: token };
  const known = fields && knownError(fields, quote, wait);
  if (known) return known;
  return status < 300 ? withoutToken(answer, fields, quote) : strange(status, fields, quote, wait);
}

/** True for the error code of a provider that goes on only once a person has signed in or consented there. */
export function wantsPerson(code: string | null): boolean {
  return code !== null && WANTS_PERSON.has(code);
}

/** True where there is an access token that fits into a header (RFC 6749, appendix A.12). */
export function isUsable(fields: TokenFields | null): fields is Usable {
  return typeof fields?.['access_token'] === 'string' && SENDABLE.test(fields['access_token']);
}

function knownError(fields: TokenFields, quote: Quote, wait: number | null): Reading | null {
  const { error } = fields;
  if (typeof error !== 'string') return null;
  if (error === 'invalid_grant') {
    return { kind: 'refused', code: error, detail: withWords('The provider refused the grant', fields, quote) };
  }
  const wrong = MISCONFIGURED.get(error);
  if (wrong) return { kind: 'misconfigured', code: error, detail: withWords(`The provider ${wrong}`, fields, quote) };
  if (!COMING_BACK.has(error)) return null;
  return transient(error, withWords('The provider cannot answer now', fields, quote), wait);
}

function withoutToken({ status, body }: Answer, fields: TokenFields | null, quote: Quote): Reading {
  if (body.truncated) return ambiguous('too-large', `The provider’s answer (${status}) is too large to be read.`);
  if (!fields) return ambiguous('unreadable', `The provider’s answer (${status}) is neither JSON nor a form.`);
  const sentence = withWords(`The provider’s answer (${status}) holds no usable access token`, fields, quote);
  return ambiguous(quotedCode(quote, fields['error']) ?? 'no-token', sentence);
}

/** A 4xx that says nothing we know: no token was given, and nothing says that the grant is gone. */
function strange(status: number, fields: TokenFields | null, quote: Quote, wait: number | null): Reading {
  const code = fields && quotedCode(quote, fields['error']);
  const sentence = `The provider answered ${status}${code ? ` (${code})` : ' without an OAuth error'}`;
  return transient(code ?? `http-${status}`, withWords(sentence, fields ?? {}, quote), wait);
}

function withWords(sentence: string, fields: TokenFields, quote: Quote): string {
  const words = quote(fields['error_description']);
  return words ? `${sentence}. It says: “${words}”` : `${sentence}.`;
}

function transient(code: string, detail: string, wait: number | null): Reading {
  return { kind: 'transient', code, detail, retryAfterMs: wait };
}

function ambiguous(code: string, detail: string): Reading {
  return { kind: 'ambiguous', code, detail };
}
