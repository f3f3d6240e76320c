import type { OutboundRequest } from '../kernel/exchange.ts';
import { headerValue } from '../kernel/headers.ts';
import type { MaskText } from '../kernel/logger.ts';
import { REDACTED } from '../kernel/masker.ts';
import { sentFields } from './sent-fields.ts';

const MAX_WORDS = 200;
const MIN_SECRET = 8;
const SECRET_FIELDS =
  'refresh_token client_secret client_assertion assertion subject_token actor_token password code code_verifier device_code token'.split(
    ' ',
  );
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]+/gu;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const TOKEN_SHAPE = /[\w~+/=.-]{24,}/g;
const CODE = /^[\w.:-]{1,64}$/;

/** Takes what a provider says, and gives back what may be shown: printable, short, without what we sent or a token. */
export type Quote = (words: unknown) => string | null;

/**
 * Quotes a provider's own words about `request`: what `mask` knows, the secrets of that request and whatever has the
 * shape of a token are masked first (providers do repeat them), then at most 200 characters stay.
 */
export function quoteFor(request: OutboundRequest, mask: MaskText = asItIs): Quote {
  const secrets = secretsOf(request);
  return (words) => {
    if (typeof words !== 'string') return null;
    const plain = secrets.reduce((text, secret) => text.replaceAll(secret, REDACTED), mask(words));
    const shown = plain
      .replace(TOKEN_SHAPE, (word) => (UUID.test(word) ? word : REDACTED))
      .replace(UNPRINTABLE, ' ')
      .trim();
    return shown.length > MAX_WORDS ? `${shown.slice(0, MAX_WORDS - 1)}…` : shown || null;
  };
}

/** An error code that is safe to show and to keep: of the standard's alphabet, and no secret. Otherwise null. */
export function quotedCode(quote: Quote, code: unknown): string | null {
  return typeof code === 'string' && CODE.test(code) && quote(code) === code ? code : null;
}

const asItIs: MaskText = (text) => text;

/** Longest first, so that one secret inside another leaves no remainder; each as it is and percent-encoded. */
function secretsOf(request: OutboundRequest): string[] {
  const form = sentFields(request);
  const basic = headerValue(request.headers, 'authorization')?.replace(/^Basic /i, '') ?? '';
  const password = Buffer.from(basic, 'base64').toString().split(':').at(1) ?? '';
  const found = [
    ...SECRET_FIELDS.flatMap((name) => form.getAll(name)),
    basic,
    ...new URLSearchParams(`password=${password}`).getAll('password'),
  ];
  return found
    .filter((secret) => secret.length >= MIN_SECRET)
    .flatMap((secret) => [secret, encodeURIComponent(secret)])
    .toSorted((a, b) => b.length - a.length);
}
