import type { Role } from '../../kernel/role.ts';
import { asDate, namedQuery } from './named-query.ts';

/** Who a cookie belongs to, and what they may do in the workspace they signed in to. */
export interface FoundSignIn {
  readonly signInId: string;
  readonly userId: string;
  readonly email: string;
  readonly workspaceId: string;
  readonly role: Role;
  readonly createdAt: Date;
  readonly lastSeenAt: Date;
  readonly expiresAt: Date;
}

const byTokenHash = namedQuery((db, { tokenHash }: { tokenHash: string }) =>
  db
    .selectFrom('sign_in as s')
    .innerJoin('user as u', 'u.id', 's.user_id')
    .innerJoin('membership as m', (join) =>
      join.onRef('m.user_id', '=', 's.user_id').onRef('m.workspace_id', '=', 's.workspace_id'),
    )
    .select([
      's.id',
      's.user_id',
      'u.email',
      's.workspace_id',
      'm.role',
      's.created_at',
      's.last_seen_at',
      's.expires_at',
    ])
    .where('s.token_hash', '=', tokenHash),
);

/**
 * The sign-in of a cookie by the SHA-256 (hex) of its value, expired or not, or null: also where the person is no member
 * of the workspace any more. For the gatekeeper, in a system scope.
 */
export async function findSignIn(tokenHash: string): Promise<FoundSignIn | null> {
  const [row] = await byTokenHash({ tokenHash });
  if (!row) return null;
  return {
    signInId: row.id,
    userId: row.user_id,
    email: row.email,
    workspaceId: row.workspace_id,
    role: row.role as Role,
    createdAt: asDate(row.created_at),
    lastSeenAt: asDate(row.last_seen_at),
    expiresAt: asDate(row.expires_at),
  };
}
