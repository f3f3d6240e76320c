import { ROLES, type Role } from '../../kernel/role.ts';
import type { ToldInvitation } from '../../services/people/inviter.ts';
import type { ToldMember } from '../../services/people/members.ts';
import { agoText, moment } from './measures.ts';
import { ROLE_WORDS, roleOptions } from './role-words.ts';

/** What the page of people is made of; `errors` by field name, `typed` what stood in a form that was refused. */
export interface PeoplePageParts {
  readonly members: readonly ToldMember[];
  readonly invitations: readonly ToldInvitation[];
  readonly ownUserId: string;
  readonly typed?: { readonly role?: string | undefined; readonly note?: string | undefined };
  readonly errors?: Readonly<Record<string, string>>;
}

/** Who is in the workspace, and who was invited. */
export function peoplePage({ members, invitations, ownUserId, typed = {}, errors = {} }: PeoplePageParts, now: Date) {
  const owners = members.filter(({ role }) => role === 'owner').length;
  return {
    title: 'People',
    error: errors[''] ?? null,
    members: members.map((member) => memberRow(member, { isSelf: member.userId === ownUserId, owners }, now)),
    invitations: invitations.map((invitation) => invitationRow(invitation)),
    invite: {
      note: typed.note ?? '',
      roles: roleOptions(ROLES.find((role) => role === typed.role) ?? 'editor'),
      errors: { note: errors.note ?? null, role: errors.role ?? null },
    },
    roleWords: ROLES.map((role) => ({ role, words: ROLE_WORDS[role] })),
  };
}

/** The question before somebody is taken out. */
export function memberDeletePage({ id, email, role }: ToldMember, isSelf: boolean) {
  return {
    title: isSelf ? 'Leave the workspace' : `Remove ${email}`,
    email,
    role,
    isSelf,
    action: `/people/${id}/deletion`,
  };
}

function memberRow(member: ToldMember, { isSelf, owners }: { isSelf: boolean; owners: number }, now: Date) {
  const { id, email, role, since, lastSeenAt } = member;
  return {
    id,
    email,
    role: role satisfies Role,
    isSelf,
    isLastOwner: role === 'owner' && owners === 1,
    since: moment(since),
    lastSeen: lastSeenAt ? { ...moment(lastSeenAt), ago: agoText(lastSeenAt, now) } : null,
    roles: roleOptions(role),
    action: `/people/${id}`,
    removal: `/people/${id}/deletion`,
  };
}

function invitationRow({ id, note, role, createdBy, expiresAt }: ToldInvitation) {
  return { note, role, createdBy, expires: moment(expiresAt), action: `/invitations/${id}/deletion` };
}
