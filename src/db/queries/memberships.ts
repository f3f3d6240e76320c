import type { Role } from '../../kernel/role.ts';
import { asDate, asDateOrNull, namedQuery, namedWrite } from './named-query.ts';

/** A workspace that a person is in, and as what. */
export interface FoundMembership {
  readonly workspaceId: string;
  readonly slug: string;
  readonly name: string;
  readonly role: Role;
  readonly since: Date;
  readonly lastSeenAt: Date | null;
}

const byUser = namedQuery((db, { userId }: { userId: string }) =>
  db
    .selectFrom('membership as m')
    .innerJoin('workspace as w', 'w.id', 'm.workspace_id')
    .select(['w.id', 'w.slug', 'w.name', 'm.role', 'm.created_at', 'm.last_seen_at'])
    .where('m.user_id', '=', userId)
    .orderBy('m.created_at')
    .orderBy('m.id'),
);

const userOfNone = namedWrite((db, { userId }: { userId: string }) =>
  db
    .deleteFrom('user')
    .where('id', '=', userId)
    .where('id', 'not in', db.selectFrom('membership').select('user_id').where('user_id', '=', userId)),
);

/** Every workspace a person is in, the one they have been in longest first; for a system scope. */
export async function membershipsOf(userId: string): Promise<FoundMembership[]> {
  const rows = await byUser({ userId });
  return rows.map(({ id, slug, name, role, created_at, last_seen_at }) => ({
    workspaceId: id,
    slug,
    name,
    role: role as Role,
    since: asDate(created_at),
    lastSeenAt: asDateOrNull(last_seen_at),
  }));
}

/** Deletes a user who is a member of no workspace at all; true when there was such a one. */
export async function deleteIfNowhere(userId: string): Promise<boolean> {
  return (await userOfNone({ userId })) > 0;
}
