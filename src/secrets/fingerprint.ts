import { createHmac } from 'node:crypto';
import type { KeyRing } from './keys.ts';

/** Tells equal secrets apart from others without keeping them: 64 hexadecimal digits by the first key. */
export function fingerprint(ring: KeyRing, secret: string): string {
  return createHmac('sha256', ring.primary.for('fingerprint')).update(secret).digest('hex');
}

/** The fingerprints of a secret by every key, to find one that was taken before a rotation. */
export function fingerprints(ring: KeyRing, secret: string): string[] {
  return ring.keys.map((key) => createHmac('sha256', key.for('fingerprint')).update(secret).digest('hex'));
}
