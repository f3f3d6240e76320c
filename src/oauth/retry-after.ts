import { type HeaderPairs, headerValue } from '../kernel/headers.ts';

const MAX_MS = 60 * 60 * 1000;

/**
 * How long a server asks us to stay away, in milliseconds, at most one hour; null where it does not say. Seconds or an
 * HTTP date (RFC 9110, section 10.2.3); a date counts by the server's own `date`, else from `receivedAt`.
 */
export function retryAfterMs(headers: HeaderPairs, receivedAt: Date): number | null {
  const wish = headerValue(headers, 'retry-after')?.trim();
  if (!wish) return null;
  if (/^\d+(\.\d+)?$/.test(wish)) return Math.min(Number(wish) * 1000, MAX_MS);

  const until = Date.parse(wish);
  if (Number.isNaN(until)) return null;
  const since = Date.parse(headerValue(headers, 'date') ?? '');
  return Math.min(Math.max(until - (Number.isNaN(since) ? receivedAt.getTime() : since), 0), MAX_MS);
}
