import type { GrantTelling } from '../../kernel/grant-telling.ts';

/** What scripts may know of a grant: never a token. `expiresIn` and `nextCheckIn` are seconds, times are ISO 8601. */
export function tokenRefresh(telling: GrantTelling, refreshed: boolean) {
  const { connection, state, generation, expiresAt, expiresIn, nextCheckIn, action } = telling;
  return {
    connection,
    state,
    generation,
    expiresAt: expiresAt?.toISOString() ?? null,
    expiresIn,
    nextCheckIn,
    refreshed,
    ...(action && { action: { label: action.label, href: action.href } }),
  };
}
