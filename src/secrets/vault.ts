import { createCipheriv, createDecipheriv } from 'node:crypto';
import { AppError } from '../kernel/errors.ts';
import type { RandomBytes } from '../kernel/ids.ts';
import type { SealedPlace, Vault } from '../kernel/vault.ts';
import type { KeyRing, Purpose } from './keys.ts';

const VERSION = 'v1';
const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A sealed value that does not open at its place: changed, moved, or sealed with a key we do not have. */
export class SealBroken extends AppError {
  readonly code = 'unexpected';

  constructor({ table, column }: SealedPlace, why: string) {
    super(`A sealed value of ${table}.${column} does not open: ${why}. Enter it anew.`, { table, column });
  }
}

/**
 * Seals with AES-256-GCM (NIST SP 800-38D) as `v1.<kid>.<nonce>.<ciphertext and tag>`, the last two in base64url, bound
 * to table, column and row. `open` throws `SealBroken`. What is sealed for one purpose does not open for another.
 */
export function openVault(ring: KeyRing, random: RandomBytes, purpose: Purpose = 'field-enc'): Vault {
  return {
    seal(secret, place) {
      const { primary } = ring;
      const nonce = random(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, primary.for(purpose), nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(boundTo(primary.kid, place));
      const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return [VERSION, primary.kid, nonce.toString('base64url'), sealed.toString('base64url')].join('.');
    },

    open(sealed, place) {
      const { kid, nonce, bytes } = parse(sealed, place);
      const key = ring.find(kid);
      if (!key) throw new SealBroken(place, `key ${kid} is not here`);

      const decipher = createDecipheriv(CIPHER, key.for(purpose), nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(boundTo(kid, place));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      try {
        return decipher.update(bytes.subarray(0, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
      } catch {
        throw new SealBroken(place, 'it was changed, or belongs to another place');
      }
    },
  };
}

/** The id of the key a value was sealed with, or null where the text is no sealed value. */
export function kidOf(sealed: string): string | null {
  const [version, kid, nonce, text, ...rest] = sealed.split('.');
  return version === VERSION && kid && nonce && text && rest.length === 0 ? kid : null;
}

function boundTo(kid: string, { table, column, row }: SealedPlace): Buffer {
  return Buffer.from([VERSION, kid, table, column, row].join('|'));
}

function parse(sealed: string, place: SealedPlace): { kid: string; nonce: Buffer; bytes: Buffer } {
  const kid = kidOf(sealed);
  if (!kid || !/^[0-9a-f]{16}$/.test(kid)) throw new SealBroken(place, 'it is no sealed value');
  const [nonce, bytes] = sealed
    .split('.')
    .slice(2)
    .map((part) => Buffer.from(part, 'base64url'));
  if (!nonce || !bytes || nonce.length !== NONCE_BYTES || bytes.length < TAG_BYTES) {
    throw new SealBroken(place, 'it is cut short');
  }
  return { kid, nonce, bytes };
}
