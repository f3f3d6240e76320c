import { createHmac } from 'node:crypto';
import { isSame } from './opaque-token.ts';
import type { KeyRing, RingKey } from './keys.ts';

/** What a database keeps to know a key by: it tells nothing about the key. */
export interface CheckValue {
  readonly kid: string;
  /** 64 hexadecimal digits. */
  readonly value: string;
}

/** The keys we were started with do not open what the database holds; nothing was touched. */
export class WrongAppKey extends Error {
  override readonly name = 'WrongAppKey';
  readonly kids: readonly string[];

  constructor(unknown: readonly string[], ring: KeyRing) {
    super(
      `The database holds secrets sealed with key ${unknown.join(', ')}, and APP_KEY (or the file app.key) has only ` +
        `${ring.keys.map(({ kid }) => kid).join(', ')}. Nothing was changed. Start with the key that belongs to this ` +
        'database, after the new one and a comma if you are changing keys.',
    );
    this.kids = unknown;
  }
}

/** The check value of every key in the ring, the one that seals first. */
export function checkValues(ring: KeyRing): CheckValue[] {
  return ring.keys.map(checkValue);
}

/** The check value of one key, or null where the ring does not have it. */
function keyCheckValue(ring: KeyRing, kid: string): string | null {
  const key = ring.find(kid);
  return key ? checkValue(key).value : null;
}

/**
 * Compares the ring with the check values the database keeps: one for each key that ever sealed there. `matching` are
 * the kids known on both sides, `toStore` what has to be stored before anything is sealed (in a new database, or with
 * a new first key). Throws `WrongAppKey` where the database knows a key that we do not have. A key that was rotated
 * out leaves by deleting its check value once nothing is sealed with it.
 */
export function whichKeysMatch(
  ring: KeyRing,
  stored: readonly CheckValue[],
): { readonly matching: readonly string[]; readonly toStore: readonly CheckValue[] } {
  const unknown = stored.filter(({ kid, value }) => !isSame(keyCheckValue(ring, kid) ?? '', value));
  if (unknown.length > 0)
    throw new WrongAppKey(
      unknown.map(({ kid }) => kid),
      ring,
    );

  const matching = stored.map(({ kid }) => kid);
  return { matching, toStore: matching.includes(ring.primary.kid) ? [] : [checkValue(ring.primary)] };
}

function checkValue(key: RingKey): CheckValue {
  const value = createHmac('sha256', key.for('key-check')).update(key.kid).digest('hex');
  return { kid: key.kid, value };
}
