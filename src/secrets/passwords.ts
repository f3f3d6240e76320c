import { argon2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { TooMany } from '../kernel/errors.ts';
import type { RandomBytes } from '../kernel/ids.ts';
import { WaitingLine } from './waiting-line.ts';

const hashWith = promisify(argon2);
const SALT_BYTES = 16;
const TAG_BYTES = 32;
const FEWEST_CHARACTERS = 12;
const MOST_CHARACTERS = 256;
const PHC = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** How dear one guess is (RFC 9106, section 3.1): memory in KiB, passes over it, lanes. */
export interface Argon2Cost {
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

/** What a hash costs unless told otherwise: 64 MiB, three passes, about 350 ms. */
export const ARGON2_COST: Argon2Cost = { memory: 65_536, passes: 3, parallelism: 1 };

interface Parts {
  readonly random: RandomBytes;
  readonly cost?: Argon2Cost;
}

/** Why a new password cannot be taken, as a sentence for people, or null. */
export function passwordFault(password: string): string | null {
  const { length } = [...password];
  if (length < FEWEST_CHARACTERS) return `Use at least ${FEWEST_CHARACTERS} characters.`;
  if (length > MOST_CHARACTERS) return `Use at most ${MOST_CHARACTERS} characters.`;
  return null;
}

/** Hashes and checks passwords with Argon2id: two at once, sixteen in line, then `TooMany`. */
export class Passwords {
  readonly #random: RandomBytes;
  readonly #cost: Argon2Cost;
  readonly #line = new WaitingLine({ width: 2, places: 16 });
  readonly #dummy: Hash;

  constructor({ random, cost = ARGON2_COST }: Parts) {
    this.#random = random;
    this.#cost = cost;
    this.#dummy = { cost, salt: random(SALT_BYTES), tag: random(TAG_BYTES) };
  }

  /** A PHC string with a salt of its own. Throws `TooMany`. */
  async hash(password: string): Promise<string> {
    const salt = this.#random(SALT_BYTES);
    const tag = await this.#derive(password, { cost: this.#cost, salt });
    const { memory, passes, parallelism } = this.#cost;
    return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(tag)}`;
  }

  /** True when `password` made `hash`. Null, for a user who is not there, costs the same and is false. Throws `TooMany`. */
  async verify(password: string, hash: string | null): Promise<boolean> {
    const known = hash === null ? null : parse(hash);
    const against = known ?? this.#dummy;
    const tag = await this.#derive(password, against);
    return timingSafeEqual(tag, against.tag) && known !== null;
  }

  /** True when a hash was made at another cost, so that it should be made anew at the next sign-in. */
  needsRehash(hash: string): boolean {
    const cost = parse(hash)?.cost;
    return (
      cost?.memory !== this.#cost.memory ||
      cost.passes !== this.#cost.passes ||
      cost.parallelism !== this.#cost.parallelism
    );
  }

  async #derive(password: string, { cost, salt }: Omit<Hash, 'tag'>): Promise<Buffer> {
    if (password.length > 2 * MOST_CHARACTERS) password = password.slice(0, 2 * MOST_CHARACTERS + 1);
    const message = password.normalize('NFKC');
    const work = () => hashWith('argon2id', { message, nonce: salt, tagLength: TAG_BYTES, ...cost });
    const turn = this.#line.enter(work);
    if (!turn) throw new TooMany('Too many people are signing in at once. Try again in a moment.', 2);
    return turn;
  }
}

interface Hash {
  readonly cost: Argon2Cost;
  readonly salt: Buffer;
  readonly tag: Buffer;
}

function parse(phc: string): Hash | null {
  const [, memory, passes, parallelism, salt, tag] = PHC.exec(phc) ?? [];
  if (!salt || !tag) return null;
  const hash = {
    cost: { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) },
    salt: Buffer.from(salt, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  };
  return hash.tag.length === TAG_BYTES && hash.salt.length >= 8 ? hash : null;
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
