import type { RandomBytes } from '../kernel/ids.ts';
import { hashToken, isSame } from '../secrets/opaque-token.ts';

/** Crockford's base 32: no letters that look like digits. */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 8;

/** The one-time code that proves that whoever sets Callbook up can read its terminal. 40 bits; only its hash is kept. */
export class SetupCode {
  readonly #random: RandomBytes;
  #hash: string | null = null;

  constructor(random: RandomBytes) {
    this.#random = random;
  }

  /** Makes a new code, such as `7KQ2-M9XA`, and forgets the one before. */
  renew(): string {
    const letters = [...this.#random(LENGTH)].map((byte) => LETTERS[byte % LETTERS.length]).join('');
    this.#hash = hashToken(letters);
    return `${letters.slice(0, LENGTH / 2)}-${letters.slice(LENGTH / 2)}`;
  }

  /** True for the code that was made last, however it is spaced and cased. */
  matches(typed: string): boolean {
    const letters = typed.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1');
    return this.#hash !== null && isSame(hashToken(letters), this.#hash);
  }

  /** From now on no code is right. */
  forget(): void {
    this.#hash = null;
  }
}
