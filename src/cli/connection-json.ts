import type { GrantTelling } from '../kernel/grant-telling.ts';
import type { Workings } from '../workings.ts';

/** A connection as programs see it, with a mark for each secret. */
export type ShownConnection = Awaited<ReturnType<Workings['catalogue']['find']>>;

/** A connection with its grant, for programs; as the JSON API has both. */
export function connectionJson(connection: ShownConnection, grant: GrantTelling | undefined) {
  return { ...connection, grant: grant ? grantJson(grant) : null };
}

/** An allow-list; never a token. */
function grantJson({ connection, state, generation, scope, expiresAt, expiresIn, ...told }: GrantTelling) {
  const { obtainedAt, nextCheckIn, reason, detail, action } = told;
  return {
    connection,
    state,
    generation,
    scope,
    obtainedAt,
    expiresAt,
    expiresIn,
    nextCheckIn,
    reason,
    detail,
    action,
  };
}
