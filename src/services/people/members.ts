import { deleteIfNowhere } from '../../db/queries/memberships.ts';
import { session } from '../../db/session.ts';
import { Conflict, NotFound } from '../../kernel/errors.ts';
import type { Person, Role } from '../../kernel/role.ts';
import { Invitation } from '../../model/invitation.ts';
import { Membership } from '../../model/membership.ts';
import { SignIn } from '../../model/sign-in.ts';
import { User } from '../../model/user.ts';
import { refuseUnlessOwner } from './still-owner.ts';

/** A person in the workspace, as owners see them; `id` is the membership's. */
export interface ToldMember {
  readonly id: string;
  readonly userId: string;
  readonly email: string;
  readonly role: Role;
  readonly since: Date;
  readonly lastSeenAt: Date | null;
}

/**
 * The people of the session's workspace, for its owners. Every change is one transaction, which asks once more whether
 * its owner still is one: of two owners who act upon each other at the same moment, one comes too late.
 */
export class Members {
  /** Everybody, by e-mail address. */
  async list(): Promise<ToldMember[]> {
    const memberships = await session.findAll(Membership);
    const users = await session.find(User, { id: { $in: memberships.map(({ userId }) => userId) } });
    const emails = new Map(users.map(({ id, email }) => [id, email]));
    return memberships
      .map((membership) => told(membership, emails.get(membership.userId) ?? ''))
      .sort((one, other) => (one.email < other.email ? -1 : 1));
  }

  /** Throws `NotFound`, for another workspace's member too. */
  async find(id: string): Promise<ToldMember> {
    const membership = await session.findOne(Membership, { id });
    if (!membership) throw new NotFound('member', id);
    const { email } = await session.findOneOrFail(User, { id: membership.userId });
    return told(membership, email);
  }

  /**
   * Gives a member another role; it holds from their next request on. An owner who becomes less has their open
   * invitations withdrawn. Throws `NotFound`, `NotAllowed`, and `Conflict` for the last owner.
   */
  async changeRole(owner: Person, id: string, role: Role): Promise<void> {
    await session.transactional(async () => {
      const member = await this.#changeable(owner, id, role);
      await session.nativeUpdate(Membership, { id }, { role });
      if (role !== 'owner') await withdrawInvitationsOf(member);
    });
  }

  /**
   * Takes a member out of the workspace: their sign-ins here end, their open invitations are withdrawn, and whoever is
   * in no other workspace is forgotten as a user. Throws `NotFound`, `NotAllowed`, and `Conflict` for the last owner.
   */
  async remove(owner: Person, id: string): Promise<void> {
    await session.transactional(async () => {
      const member = await this.#changeable(owner, id, null);
      await session.nativeDelete(Membership, { id });
      await session.nativeDelete(SignIn, { userId: member.userId, workspaceId: owner.workspaceId });
      await withdrawInvitationsOf(member);
      await deleteIfNowhere(member.userId);
    });
  }

  async #changeable(owner: Person, id: string, role: Role | null): Promise<ToldMember> {
    await refuseUnlessOwner(owner);
    const member = await this.find(id);
    const owners = await session.count(Membership, { role: 'owner' });
    if (member.role === 'owner' && role !== 'owner' && owners < 2) throw lastOwner(member);
    return member;
  }
}

async function withdrawInvitationsOf({ email }: ToldMember): Promise<void> {
  await session.nativeDelete(Invitation, { createdBy: email, usedAt: null });
}

function lastOwner({ email }: ToldMember): Conflict {
  return new Conflict(`${email} is the last owner here. Nothing was changed; make somebody else an owner first.`);
}

function told({ id, userId, role, createdAt, lastSeenAt }: Membership, email: string): ToldMember {
  return { id, userId, email, role, since: createdAt, lastSeenAt: lastSeenAt ?? null };
}
