import type { NeedyGrant } from '../../db/queries/grants-untold.ts';
import { troubleOf } from '../../kernel/grant-telling.ts';
import { tellGrant } from './told-grant.ts';

/** Connections that a notice names; more are counted. */
const NAMED = 100;

/** Grants of one workspace that are in the same trouble, and how to tell it from others. */
export interface Trouble {
  readonly workspaceId: string;
  readonly key: string;
  /** One at least. */
  readonly grants: readonly NeedyGrant[];
}

/** Puts grants together that are in the same trouble, in the order they come in. */
export function troublesOf(grants: readonly NeedyGrant[], now: Date): Trouble[] {
  const keyOf = (grant: NeedyGrant) => `${grant.workspaceId} ${troubleOf(tellGrant(grant, now))}`;
  return [...Map.groupBy(grants, keyOf)].map(([key, together]) => ({
    workspaceId: together[0]?.workspaceId ?? '',
    key,
    grants: together,
  }));
}

/** What whoever listens at `NOTIFY_URL` is told of grants in one trouble: no token, no secret. */
export function noticeOf({ grants }: Trouble, publicUrl: string, now: Date) {
  const [first] = grants;
  if (!first) throw new TypeError('A notice tells of one grant at least.');
  const { state, reason, detail, connection } = tellGrant(first, now);
  return {
    connection,
    workspace: first.workspace,
    state,
    reason,
    detail,
    href: `${publicUrl}/connections/${connection}/grant`,
    at: first.updatedAt.toISOString(),
    /** Every connection that waits for the same, the first hundred by name. */
    connections: grants.slice(0, NAMED).map(({ slug }) => slug),
    count: grants.length,
  };
}
export type Notice = ReturnType<typeof noticeOf>;
