const DEFAULT_SECONDS = 55 * 60;
const MAX_SECONDS = 90 * 24 * 60 * 60;
const MAX_REFRESH_SECONDS = 100 * 365 * 24 * 60 * 60;

/**
 * When an access token ends, counted from the moment it was asked for. `expiresIn` as the provider gave it: a number
 * or a numeric string of seconds (RFC 6749, section 5.1), at most 90 days; anything else counts as missing. Then a
 * JWT's own `exp` tells, else 55 minutes. `unit` says how many of what the provider counts in make a second.
 */
export function expiryOf(accessToken: string, expiresIn: unknown, sentAt: Date, unit = 1): Date {
  const seconds = lifetimeOf(expiresIn, unit) ?? jwtLifetime(accessToken, sentAt) ?? DEFAULT_SECONDS;
  return new Date(sentAt.getTime() + Math.round(Math.min(seconds, MAX_SECONDS) * 1000));
}

/** When a refresh token ends, where the provider says so; 0 says that it does not. No standard has this. */
export function refreshExpiryOf(expiresIn: unknown, sentAt: Date, unit = 1): Date | null {
  const seconds = lifetimeOf(expiresIn, unit);
  return seconds === null || seconds > MAX_REFRESH_SECONDS ? null : new Date(sentAt.getTime() + seconds * 1000);
}

function lifetimeOf(expiresIn: unknown, unit: number): number | null {
  const isNumeric = typeof expiresIn === 'number' || (typeof expiresIn === 'string' && expiresIn.trim() !== '');
  const seconds = isNumeric ? Number(expiresIn) / unit : Number.NaN;
  return seconds > 0 ? seconds : null;
}

/**
 * The shorter of what `exp` says by our clock and by the provider's own (`iat`): a token may come from a provider's
 * cache, and clocks differ. Where our clock says that it was dead on arrival, the provider's clock counts.
 */
function jwtLifetime(accessToken: string, sentAt: Date): number | null {
  const { exp, iat } = jwtClaims(accessToken);
  if (typeof exp !== 'number') return null;
  const byOurs = exp - sentAt.getTime() / 1000;
  const byTheirs = typeof iat === 'number' ? exp - iat : Number.NaN;
  const left = [byOurs, byTheirs].filter((seconds) => seconds > 0);
  return left.length > 0 ? Math.min(...left) : null;
}

/** The claims of a JWT (RFC 7519, section 3), unverified: they are a hint about time and nothing else. */
function jwtClaims(token: string): { exp?: unknown; iat?: unknown } {
  const parts = token.split('.');
  if (parts.length !== 3) return {};
  try {
    const claims: unknown = JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString());
    return typeof claims === 'object' && claims !== null ? claims : {};
  } catch {
    return {};
  }
}
