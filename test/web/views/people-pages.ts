import type { OwnWorkspace } from '../../../src/services/people/workspaces.ts';
import { invitationMadePage, invitationPage, invitationSpentPage } from '../../../src/web/presenters/invitation-page.ts';
import { type LayoutData, workspaceChoices } from '../../../src/web/presenters/layout.ts';
import { memberDeletePage, peoplePage } from '../../../src/web/presenters/people-page.ts';
import { NOW, PLANTED } from './samples.ts';

const HERE = 'here';

/** A page as `[what, view, data, page]`. */
type Page = readonly [string, string, { readonly title: string }, Partial<LayoutData>];

/** Somebody's two workspaces; they are in the first. */
export function sampleWorkspaces(name: string): OwnWorkspace[] {
  const one = { slug: name, name, role: 'owner', since: NOW, lastSeenAt: NOW } as const;
  return [
    { ...one, workspaceId: HERE },
    { ...one, workspaceId: 'elsewhere' },
  ];
}

/** The pages of people and invitations with `text` wherever somebody may write something. */
export function peoplePages(text: string): Page[] {
  const member = { id: '1', userId: '1', email: text, role: 'owner', since: NOW, lastSeenAt: NOW } as const;
  const members = [member, { ...member, id: '2', userId: '2', role: 'viewer', lastSeenAt: null } as const];
  const sealed = { tokenHash: PLANTED };
  const told = { ...sealed, id: '3', note: text, role: 'editor', createdBy: text, createdAt: NOW, expiresAt: NOW } as const;
  const invitations = [told, { ...told, id: '4' }];
  const errors = { '': text, note: text, role: text };
  const link = `https://callbook.example/invitation?token=${text}`;
  const workspace = { id: PLANTED, slug: text, name: text };
  const invitation = { ...sealed, state: 'open', role: 'editor', workspace, expiresAt: NOW } as const;
  const shown = { token: text, invitation };
  const person = { name: text, isMemberAs: null };
  const wrong = { person: null, typed: { email: text }, errors: { '': text, email: text, password: text } };
  const outside = { actor: null };
  const workspaces = workspaceChoices(sampleWorkspaces(text), HERE);
  return [
    ['people', 'people/index', peoplePage({ members, invitations, ownUserId: '1', typed: { note: text }, errors }, NOW), { workspaces }],
    ['people, alone', 'people/index', peoplePage({ members: [member], invitations: [], ownUserId: '1' }, NOW), {}],
    ['removal', 'people/delete', memberDeletePage(member, false), {}],
    ['leaving', 'people/delete', memberDeletePage(member, true), {}],
    ['invitation made', 'invitations/made', invitationMadePage(told, link), {}],
    ['invitation', 'invitations/show', invitationPage({ ...shown, ...wrong }), outside],
    ['invitation, signed in', 'invitations/show', invitationPage({ ...shown, person }), {}],
    ['invitation, member', 'invitations/show', invitationPage({ ...shown, person: { ...person, isMemberAs: 'viewer' } }), {}],
    ...(['used', 'expired', 'unknown'] as const).map(
      (state) => [`invitation, ${state}`, 'invitations/spent', invitationSpentPage({ state }), outside] as const,
    ),
  ];
}
