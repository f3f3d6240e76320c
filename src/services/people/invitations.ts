import { session } from '../../db/session.ts';
import { withSystem } from '../../db/system.ts';
import type { Clock } from '../../kernel/clock.ts';
import { InvalidInput, NotSignedIn, TooMany } from '../../kernel/errors.ts';
import type { NewId } from '../../kernel/ids.ts';
import { networkOf } from '../../kernel/network-of.ts';
import type { Person, Role } from '../../kernel/role.ts';
import { Invitation } from '../../model/invitation.ts';
import { Membership } from '../../model/membership.ts';
import { User } from '../../model/user.ts';
import { Workspace } from '../../model/workspace.ts';
import { hashToken } from '../../secrets/opaque-token.ts';
import { passwordFault, type Passwords } from '../../secrets/passwords.ts';
import type { Limit, RateLimiter } from '../rate-limiter.ts';
import type { Member } from './opened-sign-in.ts';

const BY_ADDRESS: Limit = { name: 'invitation:address', most: 30, windowMs: 5 * 60_000 };

interface Parts {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly passwords: Pick<Passwords, 'hash'>;
  readonly limiter: RateLimiter;
}

/** A link that can be used, and for what. */
export interface OpenInvitation {
  readonly state: 'open';
  readonly role: Role;
  readonly workspace: { readonly id: string; readonly slug: string; readonly name: string };
  readonly expiresAt: Date;
}

/** A link that cannot be used. One that was withdrawn is as unknown as one that never was. */
export interface SpentInvitation {
  readonly state: 'used' | 'expired' | 'unknown';
}

/** What kept a link from being used, so that nothing was. */
export interface Hindrance {
  readonly state: 'member-already' | 'account-exists';
}

/** Who got in by a link, and where. */
export interface Joined {
  readonly state: 'joined';
  readonly member: Member;
  readonly slug: string;
}

/** What came of a link that was followed. */
export type Accepted = Joined | Hindrance | SpentInvitation;

/** What a link does for whoever holds it. Thirty tries that come to nothing from one address in five minutes are enough. */
export class Invitations {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Tells the holder of a link what it is for, and uses nothing up. Throws `TooMany`. */
  async look(token: string, address: string): Promise<OpenInvitation | SpentInvitation> {
    return this.#counted(address, ['open'], () => withSystem(() => this.#find(token)));
  }

  /** Makes a person who is signed in a member; one who is a member already stays what they are. Throws `TooMany`. */
  async join(token: string, { userId }: Pick<Person, 'userId'>, address: string): Promise<Accepted> {
    return this.#counted(address, ['joined', 'member-already'], () =>
      this.#accept(token, {
        hindrance: async ({ workspace }) => {
          if ((await session.count(User, { id: userId })) === 0) throw new NotSignedIn();
          const isMember = (await session.count(Membership, { userId, workspaceId: workspace.id })) > 0;
          return isMember ? { state: 'member-already' } : null;
        },
        arrive: () => Promise.resolve(userId),
      }),
    );
  }

  /**
   * Makes somebody new a user and a member. Only whoever holds an open link learns that an address has an account.
   * Throws `InvalidInput` with `/password`, and `TooMany`.
   */
  async register(token: string, { email, password }: NewUser, address: string): Promise<Accepted> {
    return this.#counted(address, ['joined'], async () => {
      const found = await withSystem(() => this.#find(token));
      if (found.state !== 'open') return found;
      refuseWeak(password);
      if (await withSystem(() => hasAccount(email))) return { state: 'account-exists' };
      const passwordHash = await this.#parts.passwords.hash(password);
      return this.#accept(token, {
        hindrance: async () => ((await hasAccount(email)) ? { state: 'account-exists' } : null),
        arrive: () => this.#insertUser(email, passwordHash),
      });
    });
  }

  /** One transaction uses the link and makes the member, or neither: of many who try at once, one gets in. */
  async #accept(token: string, { hindrance, arrive }: Newcomer): Promise<Accepted> {
    const { clock, newId } = this.#parts;
    return withSystem(() =>
      session.transactional(async () => {
        const found = await this.#find(token);
        if (found.state !== 'open') return found;
        const hindered = await hindrance(found);
        if (hindered) return hindered;

        const now = clock.now();
        const unused = { tokenHash: hashToken(token), usedAt: null, expiresAt: { $gt: now } };
        if ((await session.nativeUpdate(Invitation, unused, { usedAt: now })) === 0) return { state: 'used' };
        const { role, workspace } = found;
        const member = { userId: await arrive(), workspaceId: workspace.id };
        await session.insert(Membership, { id: newId(), ...member, role, createdAt: now });
        return { state: 'joined', member, slug: workspace.slug };
      }),
    );
  }

  async #find(token: string): Promise<OpenInvitation | SpentInvitation> {
    const found = await session.findOne(Invitation, { tokenHash: hashToken(token) }, { refresh: true });
    if (!found) return { state: 'unknown' };
    if (found.usedAt) return { state: 'used' };
    if (!found.isOpen(this.#parts.clock.now())) return { state: 'expired' };
    const { id, slug, name } = await session.findOneOrFail(Workspace, { id: found.workspaceId });
    return { state: 'open', role: found.role, workspace: { id, slug, name }, expiresAt: found.expiresAt };
  }

  async #insertUser(email: string, passwordHash: string): Promise<string> {
    const id = this.#parts.newId();
    await session.insert(User, { id, email, passwordHash, createdAt: this.#parts.clock.now() });
    return id;
  }

  /** Counts the try first, and takes it back where it came to something good, or to nothing for want of a place. */
  async #counted<Answer extends { readonly state: string }>(
    address: string,
    good: readonly Answer['state'][],
    work: () => Promise<Answer>,
  ): Promise<Answer> {
    const { limiter } = this.#parts;
    const network = networkOf(address);
    await limiter.take(BY_ADDRESS, network);
    const answer = await work().catch(async (error: unknown) => {
      if (error instanceof TooMany) await limiter.giveBack(BY_ADDRESS, network);
      throw error;
    });
    if (good.includes(answer.state)) await limiter.giveBack(BY_ADDRESS, network);
    return answer;
  }
}

interface NewUser {
  /** In lower case. */
  readonly email: string;
  readonly password: string;
}

/** Whoever follows a link, inside its transaction: what keeps them out, or who they are once the link is used. */
interface Newcomer {
  readonly hindrance: (found: OpenInvitation) => Promise<Hindrance | null>;
  readonly arrive: () => Promise<string>;
}

async function hasAccount(email: string): Promise<boolean> {
  return (await session.count(User, { email })) > 0;
}

function refuseWeak(password: string): void {
  const fault = passwordFault(password);
  if (fault) throw new InvalidInput([{ pointer: '/password', detail: fault }]);
}
