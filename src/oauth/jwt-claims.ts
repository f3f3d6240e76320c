import type { MaskText } from '../kernel/logger.ts';

/** A member of a JWT as text, and the moment it means where it is one of the times (RFC 7519, section 4.1). */
export interface JwtMember {
  readonly name: string;
  readonly text: string;
  readonly at: Date | null;
}

/** A JWT's header and claims, unverified; never its signature. */
export interface DecodedJwt {
  readonly header: readonly JwtMember[];
  readonly claims: readonly JwtMember[];
}

const TIMES = new Set(['exp', 'iat', 'nbf', 'auth_time', 'updated_at']);
const MOST_MEMBERS = 100;
const MOST_CHARACTERS = 1_000;

/** The last second that a `Date` can hold. */
const LAST_SECOND = 8.64e12;

/**
 * What a signed JWT says of itself (RFC 7519, section 3; RFC 9068 for access tokens), to be shown and never trusted: its
 * signature is not looked at. Null for what is no signed JWT: an opaque token, or one that is encrypted. `mask` takes out
 * what of other secrets it repeats.
 */
export function decodedJwt(token: string, mask: MaskText = asItIs): DecodedJwt | null {
  const [header, claims, signature, ...more] = token.split('.');
  if (header === undefined || claims === undefined || signature === undefined || more.length > 0) return null;
  try {
    const [head, body] = [objectOf(header), objectOf(claims)];
    return typeof head['alg'] === 'string' ? { header: membersOf(head, mask), claims: membersOf(body, mask) } : null;
  } catch {
    return null;
  }
}

/** The members of a JSON object as text, a hundred at most and each cut after a thousand characters. */
export function membersOf(object: Readonly<Record<string, unknown>>, mask: MaskText = asItIs): JwtMember[] {
  return Object.entries(object)
    .slice(0, MOST_MEMBERS)
    .map(([name, value]) => ({
      // Masked before it is cut: nothing knows a secret by its half.
      name: cut(mask(name)),
      text: cut(mask(textOf(value))),
      at: TIMES.has(name) ? momentOf(value) : null,
    }));
}

const asItIs: MaskText = (text) => text;

/** Throws where it is none. */
function objectOf(part: string): Record<string, unknown> {
  const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('No JSON object.');
  return { ...value };
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value.join(', ');
  return JSON.stringify(value);
}

function momentOf(value: unknown): Date | null {
  return typeof value === 'number' && value >= 0 && value <= LAST_SECOND ? new Date(value * 1000) : null;
}

function cut(text: string): string {
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
}
