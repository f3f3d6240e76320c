import type { Role } from '../../kernel/role.ts';
import { here } from '../scope.ts';
import { asDateOrNull, namedQuery, namedWrite } from './named-query.ts';

/** What a key opens, whether or not it may still be used. */
export interface FoundApiKey {
  readonly keyId: string;
  readonly workspaceId: string;
  readonly name: string;
  readonly role: Role;
  readonly lastUsedAt: Date | null;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
}

/** A key to keep; of the key itself only its hash and its ending. */
export interface NewApiKey {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly keyHash: string;
  readonly ending: string;
  readonly createdBy: string | null;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
}

/** As the database takes it: times in milliseconds. */
type Row = Omit<NewApiKey, 'createdAt' | 'expiresAt'> & {
  readonly workspaceId: string;
  readonly createdAt: number;
  readonly expiresAt: number | null;
};

const byKeyHash = namedQuery((db, { keyHash }: { keyHash: string }) =>
  db
    .selectFrom('api_key as k')
    .innerJoin('workspace as w', 'w.id', 'k.workspace_id')
    .select(['k.id', 'k.workspace_id', 'k.name', 'k.role', 'k.last_used_at', 'k.expires_at', 'k.revoked_at'])
    .where('k.key_hash', '=', keyHash),
);

const insert = namedWrite((db, key: Row) =>
  db.insertInto('api_key').values({
    id: key.id,
    workspace_id: key.workspaceId,
    name: key.name,
    role: key.role,
    key_hash: key.keyHash,
    ending: key.ending,
    created_by: key.createdBy,
    created_at: key.createdAt,
    last_used_at: null,
    expires_at: key.expiresAt,
    revoked_at: null,
  }),
);

const noteUse = namedWrite((db, { id, at, before }: { id: string; at: number; before: number }) =>
  db
    .updateTable('api_key')
    .set({ last_used_at: at })
    .where('id', '=', id)
    .where((key) => key.or([key('last_used_at', 'is', null), key('last_used_at', '<=', before)])),
);

/**
 * The API key of that SHA-256 (hex), revoked or expired or not, or null: also where its workspace is gone. For the gate,
 * in a system scope.
 */
export async function findApiKey(keyHash: string): Promise<FoundApiKey | null> {
  const [row] = await byKeyHash({ keyHash });
  if (!row) return null;
  return {
    keyId: row.id,
    workspaceId: row.workspace_id,
    name: row.name,
    role: row.role as Role,
    lastUsedAt: asDateOrNull(row.last_used_at),
    expiresAt: asDateOrNull(row.expires_at),
    revokedAt: asDateOrNull(row.revoked_at),
  };
}

/** Keeps a key in the session's workspace. Throws in a scope that is bound to none. */
export async function insertApiKey({ createdAt, expiresAt, ...key }: NewApiKey): Promise<void> {
  const { workspaceId, label } = here();
  if (workspaceId === null) throw new TypeError(`An API key needs a workspace, and the session of ${label} has none.`);
  await insert({ ...key, workspaceId, createdAt: createdAt.getTime(), expiresAt: expiresAt?.getTime() ?? null });
}

/** Notes that a key was used, unless that was noted after `before` already. For the gate, in a system scope. */
export async function noteApiKeyUse(id: string, at: Date, before: Date): Promise<void> {
  await noteUse({ id, at: at.getTime(), before: before.getTime() });
}
