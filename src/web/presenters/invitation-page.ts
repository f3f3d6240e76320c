import type { ToldInvitation } from '../../services/people/inviter.ts';
import type { OpenInvitation, SpentInvitation } from '../../services/people/invitations.ts';
import { moment } from './measures.ts';
import { ROLE_WORDS } from './role-words.ts';

/** A link that was made just now, the one time it is shown. */
export function invitationMadePage({ note, role, expiresAt }: ToldInvitation, link: string) {
  return { title: 'Invitation', note, role, link, expires: moment(expiresAt) };
}

/** What an open invitation is shown with; `person` is null where nobody is signed in. */
export interface InvitationPageParts {
  readonly token: string;
  readonly invitation: OpenInvitation;
  readonly person: { readonly name: string; readonly isMemberAs: string | null } | null;
  readonly typed?: { readonly email?: string | undefined };
  readonly errors?: Readonly<Record<string, string>>;
}

/** A link as whoever opens it sees it: which workspace, what role, and how to get in. */
export function invitationPage({ token, invitation, person, typed = {}, errors = {} }: InvitationPageParts) {
  const { workspace, role, expiresAt } = invitation;
  return {
    title: `Invitation to ${workspace.name}`,
    token,
    workspace: workspace.name,
    slug: workspace.slug,
    role,
    roleWords: ROLE_WORDS[role],
    expires: moment(expiresAt),
    person: person && { name: person.name, isMemberAs: person.isMemberAs },
    signIn: `/sign-in?next=${encodeURIComponent(`/invitation?token=${encodeURIComponent(token)}`)}`,
    email: typed.email ?? '',
    error: errors[''] ?? null,
    errors: { email: errors.email ?? null, password: errors.password ?? null },
  };
}

const SPENT: Readonly<Record<SpentInvitation['state'], { readonly title: string; readonly detail: string }>> = {
  used: {
    title: 'This invitation was used',
    detail:
      'Each link works once. If it was you, sign in; if it was not, tell whoever sent you the link and ask for a new one.',
  },
  expired: {
    title: 'This invitation has expired',
    detail: 'A link works for seven days. Ask whoever sent you this one for a new one.',
  },
  unknown: {
    title: 'There is no such invitation',
    detail:
      'The link was cut short, or the invitation was withdrawn. Open the whole link, or ask whoever sent it for a new one.',
  },
};

/** A link that cannot be used. */
export function invitationSpentPage({ state }: SpentInvitation) {
  return { ...SPENT[state] };
}
