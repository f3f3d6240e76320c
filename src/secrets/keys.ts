import { createSecretKey, hkdfSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { RandomBytes } from '../kernel/ids.ts';
import { KEY_BYTES, readOrMakeKeyFile } from './key-file.ts';
import { UnusableKeys } from './unusable-keys.ts';

export { UnusableKeys };

const SALT = 'callbook/v1';
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;

/** What a key is derived for; two purposes never share a key. */
export type Purpose = 'field-enc' | 'csrf' | 'fingerprint' | 'spill';

/** One master key, known outside by its id only. Printing it shows no key material. */
export interface RingKey {
  /** 16 hexadecimal digits, derived from the key. */
  readonly kid: string;
  /** The key for one purpose: HKDF-SHA256 (RFC 5869) of the master key. */
  for(purpose: Purpose | 'key-check'): KeyObject;
}

/** The master keys in use: the first seals, all open. */
export interface KeyRing {
  readonly primary: RingKey;
  readonly keys: readonly RingKey[];
  find(kid: string): RingKey | undefined;
}

interface Source {
  /** `APP_KEY` as given: base64 of 32 bytes, several separated by commas; null reads or makes `file`. */
  readonly appKey: string | null;
  readonly file: string;
  readonly random: RandomBytes;
}

/** Reads the master keys, making the key file at the first start. Throws `UnusableKeys`. */
export function loadKeys({ appKey, file, random }: Source): KeyRing {
  const origin = appKey === null ? `The key file ${file}` : 'APP_KEY';
  const list = appKey ?? readOrMakeKeyFile(file, () => random(KEY_BYTES).toString('base64'), random);
  return keyRing(list.split(',').map((text, index, all) => decode(text.trim(), placeOf(origin, index, all.length))));
}

/** A ring of master keys of 32 bytes each, the one that seals first; a key given twice counts once. */
export function keyRing(masters: readonly Uint8Array[]): KeyRing {
  const byKid = new Map(masters.map(ringKey).map((key) => [key.kid, key]));
  const keys = [...byKid.values()];
  const [primary] = keys;
  if (!primary) throw new UnusableKeys('There is no key. Give APP_KEY 32 random bytes in base64.');
  return { primary, keys, find: (kid) => byKid.get(kid) };
}

function ringKey(master: Uint8Array): RingKey {
  const derived = new Map<string, KeyObject>();
  const secret = createSecretKey(master);
  return {
    kid: Buffer.from(hkdfSync('sha256', secret, SALT, 'key-id', 8)).toString('hex'),
    for(purpose) {
      const known = derived.get(purpose);
      if (known) return known;
      const key = createSecretKey(new Uint8Array(hkdfSync('sha256', secret, SALT, purpose, KEY_BYTES)));
      derived.set(purpose, key);
      return key;
    },
  };
}

function placeOf(origin: string, index: number, count: number): string {
  return count === 1 ? origin : `${origin}, key ${index + 1} of ${count},`;
}

function decode(text: string, place: string): Buffer {
  const advice = 'Make one with: openssl rand -base64 32';
  if (text === '') throw new UnusableKeys(`${place} is empty. ${advice}`);
  if (!BASE64.test(text)) throw new UnusableKeys(`${place} is not base64. ${advice}`);
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== KEY_BYTES) {
    throw new UnusableKeys(`${place} holds ${bytes.length} bytes instead of ${KEY_BYTES}. ${advice}`);
  }
  return bytes;
}
