import { session } from '../../db/session.ts';
import { InvalidInput, NotFound } from '../../kernel/errors.ts';
import { SignIn } from '../../model/sign-in.ts';
import { User } from '../../model/user.ts';
import { passwordFault, type Passwords } from '../../secrets/passwords.ts';
import { BY_ACCOUNT } from '../gatekeeper.ts';
import type { RateLimiter } from '../rate-limiter.ts';

interface Parts {
  readonly passwords: Pick<Passwords, 'hash' | 'verify'>;
  readonly limiter: RateLimiter;
}

/** Who changes something of their own, and by which sign-in. */
interface Self {
  readonly userId: string;
  readonly signInId: string;
}

/** What people may do with their own account. */
export class Accounts {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Sets a new password and ends every other sign-in of this person. The current one is asked for, and wrong ones count
   * as failures of the account. Throws `InvalidInput` and `TooMany`.
   */
  async changePassword({ userId, signInId }: Self, current: string, wanted: string): Promise<void> {
    const { passwords, limiter } = this.#parts;
    const fault = passwordFault(wanted);
    if (fault) throw new InvalidInput([{ pointer: '/newPassword', detail: fault }]);
    const { email, passwordHash } = await session.findOneOrFail(User, { id: userId });
    await limiter.take(BY_ACCOUNT, email);
    const isRight = await passwords.verify(current, passwordHash).catch(async (error: unknown) => {
      // Nobody's password was tried: a crowd at the door must not lock a person out.
      await limiter.giveBack(BY_ACCOUNT, email);
      throw error;
    });
    if (!isRight) {
      throw new InvalidInput([{ pointer: '/currentPassword', detail: 'This is not your current password.' }]);
    }
    await limiter.clear(BY_ACCOUNT, email);

    const newHash = await passwords.hash(wanted);
    await session.transactional(async () => {
      await session.nativeUpdate(User, { id: userId }, { passwordHash: newHash });
      await session.nativeDelete(SignIn, { userId, id: { $ne: signInId } });
    });
  }

  /** This person's sign-ins, the one seen last first. */
  async signInsOf(userId: string): Promise<SignIn[]> {
    return session.find(SignIn, { userId }, { orderBy: { lastSeenAt: 'desc', id: 'desc' } });
  }

  /** Ends one sign-in of this person. Throws `NotFound` for anybody else's. */
  async endSignIn(userId: string, signInId: string): Promise<void> {
    const ended = await session.nativeDelete(SignIn, { id: signInId, userId });
    if (ended === 0) throw new NotFound('sign-in', signInId);
  }

  /** Ends every sign-in of this person but the one they ask by; gives how many. */
  async endOtherSignIns({ userId, signInId }: Self): Promise<number> {
    return session.nativeDelete(SignIn, { userId, id: { $ne: signInId } });
  }
}
