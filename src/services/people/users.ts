import { membershipsOf } from '../../db/queries/memberships.ts';
import { session } from '../../db/session.ts';
import type { Clock } from '../../kernel/clock.ts';
import { EMAIL_ADDRESS, LONGEST_EMAIL } from '../../kernel/email-address.ts';
import { Conflict, InvalidInput, NotFound } from '../../kernel/errors.ts';
import type { NewId } from '../../kernel/ids.ts';
import { type Role, ROLES } from '../../kernel/role.ts';
import { Membership } from '../../model/membership.ts';
import { SignIn } from '../../model/sign-in.ts';
import { User } from '../../model/user.ts';
import { Workspace } from '../../model/workspace.ts';
import { passwordFault, type Passwords } from '../../secrets/passwords.ts';
import { BY_ACCOUNT } from '../gatekeeper.ts';
import type { RateLimiter } from '../rate-limiter.ts';

interface Parts {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly passwords: Pick<Passwords, 'hash'>;
  readonly limiter: Pick<RateLimiter, 'clear'>;
}

/** Somebody who shall be a member of a workspace, by its slug. */
export interface UserInput {
  readonly email: string;
  /** Null is enough for somebody who is a user already; theirs is never changed here. */
  readonly password: string | null;
  readonly role: Role;
  readonly workspace: string;
}

/** What came of it: `isNew` is false where the user was there already and only the membership was added. */
export interface MadeUser {
  readonly id: string;
  readonly email: string;
  readonly role: Role;
  readonly workspace: string;
  readonly isNew: boolean;
}

/** A user, as it may be told to whoever runs Callbook. */
export interface ToldUser {
  readonly id: string;
  readonly email: string;
  readonly createdAt: Date;
  readonly lastSeenAt: Date | null;
  readonly memberships: readonly { readonly workspace: string; readonly role: Role }[];
}

/** Users of every workspace, for whoever runs Callbook. Each method works in the system scope we are in. */
export class Users {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Makes a user a member of a workspace, and makes the user where there is none. Throws `InvalidInput` with `/email`,
   * `/role` or `/password`, `NotFound` for the workspace, `Conflict` for somebody who is a member already.
   */
  async create({ email: typed, password, role, workspace: slug }: UserInput): Promise<MadeUser> {
    const { clock, newId, passwords } = this.#parts;
    const email = asEmail(typed);
    if (!ROLES.includes(role)) refuse('/role', `Choose one of ${ROLES.join(', ')}.`);
    const workspace = await session.findOne(Workspace, { slug });
    if (!workspace) throw new NotFound('workspace', slug);
    const isKnown = (await session.count(User, { email })) > 0;
    const passwordHash = isKnown ? null : await passwords.hash(checked(password));
    return session.transactional(async () => {
      const known = await session.findOne(User, { email });
      const id = known?.id ?? newId();
      const createdAt = clock.now();
      if (await session.count(Membership, { workspaceId: workspace.id, userId: id })) throw alreadyIn(email, slug);
      if (!known && !passwordHash) throw goneMeanwhile(email);
      if (!known && passwordHash) await session.insert(User, { id, email, passwordHash, createdAt });
      await session.insert(Membership, { id: newId(), workspaceId: workspace.id, userId: id, role, createdAt });
      return { id, email, role, workspace: slug, isNew: !known };
    });
  }

  /** Every user with the workspaces they are in, by e-mail address. */
  async list(): Promise<ToldUser[]> {
    const users = await session.findAll(User, { orderBy: { email: 'asc' } });
    const all: ToldUser[] = [];
    for (const { id, email, createdAt } of users) {
      const memberships = await membershipsOf(id);
      const lastSeenAt = memberships.map((one) => one.lastSeenAt).reduce(later, null);
      all.push({
        id,
        email,
        createdAt,
        lastSeenAt,
        memberships: memberships.map(({ slug, role }) => ({ workspace: slug, role })),
      });
    }
    return all;
  }

  /**
   * Sets a new password for a user, ends every sign-in of theirs and forgets the wrong tries; gives how many sign-ins
   * ended. Throws `NotFound`, and `InvalidInput` with `/password`.
   */
  async setPassword(email: string, password: string): Promise<number> {
    const { limiter, passwords } = this.#parts;
    const user = await session.findOne(User, { email: email.trim().toLowerCase() });
    if (!user) throw new NotFound('user', email);
    const passwordHash = await passwords.hash(checked(password));
    const ended = await session.transactional(async () => {
      await session.nativeUpdate(User, { id: user.id }, { passwordHash });
      return session.nativeDelete(SignIn, { userId: user.id });
    });
    await limiter.clear(BY_ACCOUNT, user.email);
    return ended;
  }
}

function asEmail(typed: string): string {
  const email = typed.trim().toLowerCase();
  if (email.length <= LONGEST_EMAIL && EMAIL_ADDRESS.test(email)) return email;
  return refuse('/email', 'Give an e-mail address, such as ada@example.org.');
}

function checked(password: string | null): string {
  const fault = passwordFault(password ?? '');
  if (fault) refuse('/password', fault);
  return password ?? '';
}

function refuse(pointer: string, detail: string): never {
  throw new InvalidInput([{ pointer, detail }]);
}

function alreadyIn(email: string, slug: string): Conflict {
  return new Conflict(`${email} is in the workspace "${slug}" already. Nothing was changed.`);
}

function goneMeanwhile(email: string): Conflict {
  return new Conflict(`${email} was removed at the same moment. Nothing was changed; try again.`);
}

function later(one: Date | null, other: Date | null): Date | null {
  return one && other ? (one > other ? one : other) : (one ?? other);
}
