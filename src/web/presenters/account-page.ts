import type { Role } from '../../kernel/role.ts';
import type { SignIn } from '../../model/sign-in.ts';
import type { OwnWorkspace } from '../../services/people/workspaces.ts';
import { agoText, moment } from './measures.ts';

/** What the account page is made of; `errors` by field name. */
export interface AccountPageParts {
  readonly email: string;
  readonly role: Role;
  readonly signIns: readonly SignIn[];
  readonly currentSignInId: string;
  readonly workspaces: readonly OwnWorkspace[];
  readonly currentWorkspaceId: string;
  readonly errors?: Readonly<Record<string, string>>;
}

/** What a person sees of their own account. */
export function accountPage({ email, role, errors = {}, ...lists }: AccountPageParts, now: Date) {
  const { signIns, currentSignInId, workspaces, currentWorkspaceId } = lists;
  return {
    title: 'Account',
    email,
    role,
    errors: { currentPassword: errors.currentPassword ?? null, newPassword: errors.newPassword ?? null },
    hasOthers: signIns.some(({ id }) => id !== currentSignInId),
    workspaces: workspaces.map((workspace) => ({
      name: workspace.name,
      slug: workspace.slug,
      role: workspace.role,
      since: moment(workspace.since),
      isCurrent: workspace.workspaceId === currentWorkspaceId,
    })),
    signIns: signIns.map((signIn) => ({
      browser: browserWord(signIn.userAgent),
      userAgent: signIn.userAgent,
      address: signIn.address,
      since: moment(signIn.createdAt),
      lastSeen: agoText(signIn.lastSeenAt, now),
      isCurrent: signIn.id === currentSignInId,
      action: `/account/sign-ins/${signIn.id}/deletion`,
    })),
  };
}

const BROWSERS = [
  [/Edg\//, 'Edge'],
  [/Firefox\//, 'Firefox'],
  [/Chrome\//, 'Chrome'],
  [/Safari\//, 'Safari'],
  [/curl\//, 'curl'],
] as const;

/** The browser's name where its header tells; the header itself stands beside it. */
function browserWord(userAgent: string): string {
  return BROWSERS.find(([pattern]) => pattern.test(userAgent))?.[1] ?? 'Unknown browser';
}
