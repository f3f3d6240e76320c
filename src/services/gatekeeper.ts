import { findSignIn } from '../db/queries/sign-ins.ts';
import { session } from '../db/session.ts';
import { withSystem } from '../db/system.ts';
import type { Clock } from '../kernel/clock.ts';
import { Conflict, InvalidInput } from '../kernel/errors.ts';
import type { NewId, RandomBytes } from '../kernel/ids.ts';
import type { Person } from '../kernel/role.ts';
import { Membership } from '../model/membership.ts';
import { SignIn } from '../model/sign-in.ts';
import { User } from '../model/user.ts';
import { hashToken, newToken } from '../secrets/opaque-token.ts';
import { passwordFault, type Passwords } from '../secrets/passwords.ts';
import { makeFirstOwner } from './first-owner.ts';
import type { Limit, RateLimiter } from './rate-limiter.ts';
import { SetupCode } from './setup-code.ts';

const MINUTE_MS = 60_000;
const IDLE_MS = 8 * 60 * MINUTE_MS;
const ABSOLUTE_MS = 7 * 24 * 60 * MINUTE_MS;
const WINDOW_MS = 5 * MINUTE_MS;
const BY_ADDRESS: Limit = { name: 'sign-in:address', most: 30, windowMs: WINDOW_MS };
const BY_SETUP: Limit = { name: 'setup', most: 30, windowMs: WINDOW_MS };
const WRONG = 'The e-mail address or the password is wrong.';

/** Failures of one account; shared with whoever else asks for its password. */
export const BY_ACCOUNT: Limit = { name: 'sign-in:account', most: 10, windowMs: WINDOW_MS };

interface Parts {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly random: RandomBytes;
  readonly passwords: Pick<Passwords, 'hash' | 'verify' | 'needsRehash'>;
  readonly limiter: RateLimiter;
}

/** Where a sign-in comes from, for the list on the account page. */
export interface Origin {
  readonly address: string;
  readonly userAgent: string;
}

/** Says who is asking. It alone looks at people before a workspace is bound, and answers with plain data. */
export class Gatekeeper {
  readonly #parts: Parts;
  readonly #code: SetupCode;
  #hasOwner = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#code = new SetupCode(parts.random);
  }

  /** True when there is a user; then nothing can be set up any more. */
  async isSetUp(): Promise<boolean> {
    return (this.#hasOwner ||= (await withSystem(() => session.count(User))) > 0);
  }

  /** A new one-time code for `setUp`, to be printed; the one before is void. */
  setupCode(): string {
    return this.#code.renew();
  }

  /** Makes the first owner for whoever knows the code. Throws `InvalidInput`, `Conflict` when there is one, `TooMany`. */
  async setUp({ code, email, password, address }: SetUp): Promise<void> {
    await this.#parts.limiter.take(BY_SETUP, address);
    if (await this.isSetUp()) throw new Conflict('Callbook is set up already. Sign in instead.');
    const fault = passwordFault(password);
    const errors = [
      ...(this.#code.matches(code) ? [] : [{ pointer: '/code', detail: 'This is not the code that was printed.' }]),
      ...(fault ? [{ pointer: '/password', detail: fault }] : []),
    ];
    if (errors.length > 0) throw new InvalidInput(errors);
    if (!(await this.ensureOwner(email, password))) throw new Conflict('Callbook is set up already. Sign in instead.');
  }

  /** Makes the first owner unless there is a user; true when it did. Throws `InvalidInput` for a password too short. */
  async ensureOwner(email: string, password: string): Promise<boolean> {
    if (await this.isSetUp()) return false;
    const fault = passwordFault(password);
    if (fault) throw new InvalidInput([{ pointer: '/password', detail: fault }]);
    const hash = await this.#parts.passwords.hash(password);
    const made = await withSystem(() => makeFirstOwner(this.#parts, email, hash));
    this.#hasOwner = true;
    this.#code.forget();
    return made;
  }

  /**
   * Signs a person in and ends the sign-in the browser had before. The answer is the same, and takes as long, for an
   * address nobody has. `token` goes into the cookie and nowhere else. Throws `InvalidInput` and `TooMany`.
   */
  async signIn({ email, password, previousToken, ...from }: Credentials): Promise<{ token: string; expiresAt: Date }> {
    const { clock, newId, random } = this.#parts;
    const person = await this.#authenticate(email.toLowerCase(), password, from.address);
    const now = clock.now();
    const token = newToken(random);
    const expiresAt = new Date(now.getTime() + ABSOLUTE_MS);
    await withSystem(async () => {
      if (previousToken) await session.nativeDelete(SignIn, { tokenHash: hashToken(previousToken) });
      await session.insert(SignIn, {
        id: newId(),
        ...person,
        tokenHash: hashToken(token),
        address: from.address.slice(0, 64),
        userAgent: from.userAgent.slice(0, 255),
        createdAt: now,
        lastSeenAt: now,
        expiresAt,
      });
    });
    return { token, expiresAt };
  }

  /** Ends the sign-in of a token; an unknown one ends nothing. */
  async signOut(token: string): Promise<void> {
    await withSystem(() => session.nativeDelete(SignIn, { tokenHash: hashToken(token) }));
  }

  /** Who holds the token, or null: unknown, idle for 8 hours, older than 7 days, or no longer a member. */
  async whoIs(token: string): Promise<Person | null> {
    const now = this.#parts.clock.now();
    return withSystem(async () => {
      const found = await findSignIn(hashToken(token));
      if (!found || found.expiresAt <= now || found.lastSeenAt.getTime() + IDLE_MS <= now.getTime()) return null;
      if (found.lastSeenAt.getTime() + MINUTE_MS <= now.getTime()) {
        await session.nativeUpdate(SignIn, { id: found.signInId }, { lastSeenAt: now });
      }
      const { signInId, userId, workspaceId, role, email } = found;
      return { by: 'sign-in', signInId, userId, workspaceId, role, name: email };
    });
  }

  /** Counts the try first and takes it back when it was none, so that tries at the same time cannot pass together. */
  async #authenticate(email: string, password: string, address: string): Promise<Known> {
    const { limiter, passwords } = this.#parts;
    await limiter.take(BY_ADDRESS, address);
    await limiter.take(BY_ACCOUNT, email);
    const known = await withSystem(() => knownBy(email));
    const isRight = await passwords.verify(password, known?.passwordHash ?? null).catch(async (error: unknown) => {
      // Nobody's password was tried: a crowd at the door must not lock out the people in it.
      await limiter.giveBack(BY_ACCOUNT, email);
      await limiter.giveBack(BY_ADDRESS, address);
      throw error;
    });
    if (!known || !isRight) throw new InvalidInput([{ pointer: '', detail: WRONG }]);

    await limiter.clear(BY_ACCOUNT, email);
    await limiter.giveBack(BY_ADDRESS, address);
    if (passwords.needsRehash(known.passwordHash)) {
      const passwordHash = await passwords.hash(password);
      await withSystem(() => session.nativeUpdate(User, { id: known.userId }, { passwordHash }));
    }
    return { userId: known.userId, workspaceId: known.workspaceId };
  }
}

interface SetUp {
  readonly code: string;
  readonly email: string;
  readonly password: string;
  readonly address: string;
}

interface Credentials extends Origin {
  readonly email: string;
  readonly password: string;
  /** The token the browser came with, if any. */
  readonly previousToken: string | null;
}

interface Known {
  readonly userId: string;
  readonly workspaceId: string;
}

async function knownBy(email: string): Promise<(Known & { readonly passwordHash: string }) | null> {
  const user = await session.findOne(User, { email });
  const membership =
    user && (await session.findOne(Membership, { userId: user.id }, { orderBy: { createdAt: 'asc' } }));
  return membership && { userId: user.id, workspaceId: membership.workspaceId, passwordHash: user.passwordHash };
}
