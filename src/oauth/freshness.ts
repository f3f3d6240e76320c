import { type HeaderPairs, headerValue } from '../kernel/headers.ts';

const LEAST_MS = 5 * 60_000;
const MOST_MS = 24 * 60 * 60_000;
const SECOND_MS = 1000;

/**
 * How long what an issuer says of itself counts as fresh, by what it says with it (RFC 9111, section 4.2.1): at least
 * five minutes, a day at most and where it says nothing.
 */
export function freshUntil(headers: HeaderPairs, receivedAt: Date): Date {
  const asked = askedMs(headers, receivedAt) ?? MOST_MS;
  return new Date(receivedAt.getTime() + Math.min(Math.max(asked, LEAST_MS), MOST_MS));
}

function askedMs(headers: HeaderPairs, receivedAt: Date): number | null {
  const control = (headerValue(headers, 'cache-control') ?? '').toLowerCase();
  if (/(^|[\s,])no-(store|cache)($|[\s,=])/.test(control)) return 0;
  const seconds = /(^|[\s,])max-age\s*=\s*"?(\d{1,10})/.exec(control)?.[2];
  if (seconds !== undefined) return (Number(seconds) - ageOf(headers)) * SECOND_MS;
  const expires = headerValue(headers, 'expires');
  if (expires === null) return null;
  const at = Date.parse(expires);
  return Number.isNaN(at) ? 0 : at - receivedAt.getTime();
}

function ageOf(headers: HeaderPairs): number {
  const age = headerValue(headers, 'age') ?? '';
  return /^\d{1,10}$/.test(age) ? Number(age) : 0;
}
