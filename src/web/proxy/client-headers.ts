import type { HeaderPairs } from '../../kernel/headers.ts';

/** Cookies of ours, under any `PUBLIC_URL`: a browser sends them along with everything. */
const OURS = /^(?:__Host-)?(?:sid|sid-dev|oauth-.*)$/;

/** Headers as they were received, but for our own cookies. */
export function clientHeaders(rawHeaders: readonly string[]): HeaderPairs {
  const pairs: (readonly [string, string])[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2);
    const kept = name.toLowerCase() === 'cookie' ? withoutOurs(value) : value;
    if (kept !== null) pairs.push([name, kept]);
  }
  return pairs;
}

/** A cookie header (RFC 6265, section 4.2.1) with what is not ours, byte for byte; null where nothing is left. */
function withoutOurs(value: string): string | null {
  const cookies = value.split(';');
  const kept = cookies.filter((cookie) => !OURS.test(cookie.split('=', 1)[0]!.trim()));
  if (kept.length === cookies.length) return value;
  return kept.length === 0 ? null : kept.join(';').trim();
}
