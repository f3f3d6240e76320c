import { membershipsOf } from '../db/queries/memberships.ts';
import { findSignIn } from '../db/queries/sign-ins.ts';
import { session } from '../db/session.ts';
import { withSystem } from '../db/system.ts';
import type { Clock } from '../kernel/clock.ts';
import { Conflict, InvalidInput, NotFound, NotSignedIn } from '../kernel/errors.ts';
import type { NewId, RandomBytes } from '../kernel/ids.ts';
import { networkOf } from '../kernel/network-of.ts';
import type { Person } from '../kernel/role.ts';
import { Membership } from '../model/membership.ts';
import { SignIn } from '../model/sign-in.ts';
import { User } from '../model/user.ts';
import { hashToken } from '../secrets/opaque-token.ts';
import { passwordFault, type Passwords } from '../secrets/passwords.ts';
import { makeFirstOwner } from './first-owner.ts';
import { type Member, noteSeen, type OpenedSignIn, openSignIn, type Origin } from './people/opened-sign-in.ts';
import type { Limit, RateLimiter } from './rate-limiter.ts';
import { SetupCode } from './setup-code.ts';

const MINUTE_MS = 60_000;
const IDLE_MS = 8 * 60 * MINUTE_MS;
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
    await this.#parts.limiter.take(BY_SETUP, networkOf(address));
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
   * Signs a person in, to the workspace they used last, and ends the sign-in the browser had before. The answer is the
   * same, and takes as long, for an address nobody has. Throws `InvalidInput` and `TooMany`.
   */
  async signIn({ email, password, ...from }: Credentials): Promise<OpenedSignIn> {
    return this.admit(await this.#authenticate(email.toLowerCase(), password, from.address), from);
  }

  /** As `signIn`, for a member whose word needs no password: an invitation has just made them one. */
  async admit(member: Member, { previousToken, ...from }: Browser): Promise<OpenedSignIn> {
    return withSystem(async () => {
      if (previousToken) await session.nativeDelete(SignIn, { tokenHash: hashToken(previousToken) });
      return openSignIn(this.#parts, member, from);
    });
  }

  /**
   * Moves a person's sign-in to another workspace of theirs, by its slug: with a new id and a new token, so that the old
   * one is dead, and so is every form that a page of the workspace before still shows. It ends when the old one would
   * have. Throws `NotFound` for a workspace they are not in, and `NotSignedIn` when the sign-in has ended.
   */
  async moveTo({ userId, signInId }: Pick<Person, 'userId' | 'signInId'>, slug: string): Promise<OpenedSignIn> {
    return withSystem(() =>
      session.transactional(async () => {
        const there = (await membershipsOf(userId)).find((membership) => membership.slug === slug);
        if (!there) throw new NotFound('workspace', slug);
        const before = await session.findOne(SignIn, { id: signInId, userId });
        if (!before || (await session.nativeDelete(SignIn, { id: signInId })) === 0) throw new NotSignedIn();
        return openSignIn(this.#parts, { userId, workspaceId: there.workspaceId }, before, before);
      }),
    );
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
        await noteSeen(found, now);
      }
      const { signInId, userId, workspaceId, role, email } = found;
      return { by: 'sign-in', signInId, userId, workspaceId, role, name: email };
    });
  }

  /** Counts the try first and takes it back when it was none, so that tries at the same time cannot pass together. */
  async #authenticate(email: string, password: string, address: string): Promise<Member> {
    const { limiter, passwords } = this.#parts;
    const network = networkOf(address);
    await limiter.take(BY_ADDRESS, network);
    await limiter.take(BY_ACCOUNT, email);
    const known = await withSystem(() => knownBy(email));
    const isRight = await passwords.verify(password, known?.passwordHash ?? null).catch(async (error: unknown) => {
      // Nobody's password was tried: a crowd at the door must not lock out the people in it.
      await limiter.giveBack(BY_ACCOUNT, email);
      await limiter.giveBack(BY_ADDRESS, network);
      throw error;
    });
    if (!known || !isRight) throw new InvalidInput([{ pointer: '', detail: WRONG }]);

    await limiter.clear(BY_ACCOUNT, email);
    await limiter.giveBack(BY_ADDRESS, network);
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

interface Browser extends Origin {
  /** The token the browser came with, if any. */
  readonly previousToken: string | null;
}

interface Credentials extends Browser {
  readonly email: string;
  readonly password: string;
}

/** A person by their address, in the workspace they used last, or else in the one they have been in longest. */
async function knownBy(email: string): Promise<(Member & { readonly passwordHash: string }) | null> {
  const user = await session.findOne(User, { email });
  const lastFirst = { lastSeenAt: 'desc nulls last', createdAt: 'asc', id: 'asc' } as const;
  const membership = user && (await session.findOne(Membership, { userId: user.id }, { orderBy: lastFirst }));
  return membership && { userId: user.id, workspaceId: membership.workspaceId, passwordHash: user.passwordHash };
}
