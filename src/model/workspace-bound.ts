import { p } from '@mikro-orm/core';

/** Name of the filter that keeps a session to its workspace; `db/session.ts` sets its parameter on every fork. */
export const WORKSPACE_FILTER = 'workspace';

/** Every row's own id: a UUIDv7 in lower case, made before the row is, so that secrets can be bound to it. */
export const identified = { id: p.uuid().primary() };

/** Columns of every row that belongs to a workspace. */
export const workspaceBound = { ...identified, workspaceId: p.uuid() };

/** Keeps finds, counts and native updates to the session's workspace; fails closed where none is bound. */
export const workspaceFilter = {
  [WORKSPACE_FILTER]: {
    name: WORKSPACE_FILTER,
    cond: ({ workspaceId }: { workspaceId?: string }) => ({ workspaceId }),
    default: true,
  },
};
