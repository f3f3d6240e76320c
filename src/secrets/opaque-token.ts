import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { RandomBytes } from '../kernel/ids.ts';
import type { KeyRing, RingKey } from './keys.ts';

const TOKEN_BYTES = 32;

/** A new unguessable token: 32 random bytes in base64url, 43 characters. */
export function newToken(random: RandomBytes): string {
  return random(TOKEN_BYTES).toString('base64url');
}

/** What is kept of a token: its SHA-256 in 64 hexadecimal digits. Enough for tokens that cannot be guessed. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Compares two texts in a time that tells nothing about where they differ. */
export function isSame(one: string, other: string): boolean {
  return timingSafeEqual(createHash('sha256').update(one).digest(), createHash('sha256').update(other).digest());
}

/** The token a session's forms carry: HMAC-SHA256 of the session's id, in base64url. */
export function csrfToken(ring: KeyRing, sessionId: string): string {
  return csrfBy(ring.primary, sessionId);
}

/** True when `token` was made for this session by any of our keys. */
export function isCsrfToken(ring: KeyRing, sessionId: string, token: string): boolean {
  return ring.keys.map((key) => isSame(csrfBy(key, sessionId), token)).includes(true);
}

function csrfBy(key: RingKey, sessionId: string): string {
  return createHmac('sha256', key.for('csrf')).update(sessionId).digest('base64url');
}
