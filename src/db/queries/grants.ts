import type { Kysely } from 'kysely';
import type { AuthSettings } from '../../kernel/auth.ts';
import type { TokenType } from '../../kernel/token-reply.ts';
import type { GrantState } from '../../model/grant.ts';
import { asDate, asDateOrNull, namedQuery, refuseOtherWorkspace } from './named-query.ts';
import type { Tables } from './tables.ts';

/** All that may be known about a grant without a secret, and what its connection adds to tell its state. */
export interface GrantFacts {
  readonly id: string;
  readonly workspaceId: string;
  readonly connectionId: string;
  readonly slug: string;
  readonly name: string;
  readonly auth: AuthSettings;
  readonly keepAlive: boolean;
  readonly lastCallAt: Date | null;
  readonly state: GrantState;
  readonly reason: string | null;
  readonly detail: string | null;
  readonly generation: number;
  readonly fence: number;
  readonly leaseInstance: string | null;
  readonly leaseUntil: Date | null;
  readonly hasAccessToken: boolean;
  readonly hasRefreshToken: boolean;
  readonly tokenType: TokenType;
  readonly scope: string | null;
  readonly scopeAsked: string | null;
  readonly obtainedAt: Date | null;
  readonly expiresAt: Date | null;
  readonly refreshExpiresAt: Date | null;
  readonly consentedBy: string | null;
  readonly consentedAt: Date | null;
  readonly failures: number;
  readonly retryAt: Date | null;
  readonly quietUntil: Date | null;
  readonly quietSeconds: number;
  readonly toldAt: Date | null;
  readonly updatedAt: Date;
  /** A token endpoint that the issuer names, the connection does not use, and no owner has decided about. */
  readonly movedTokenUrl: string | null;
}

type InWorkspace = { workspaceId: string };

const bySlug = namedQuery((db, { workspaceId, slug }: InWorkspace & { slug: string }) =>
  facts(db).where('c.workspace_id', '=', workspaceId).where('c.slug', '=', slug),
);

const ofWorkspace = namedQuery((db, { workspaceId }: InWorkspace) =>
  facts(db).where('c.workspace_id', '=', workspaceId).orderBy('c.name').orderBy('c.id'),
);

/** The grant of the connection with that slug, or null. Throws `WorkspaceCrossed` in another workspace's session. */
export async function grantBySlug(workspaceId: string, slug: string): Promise<GrantFacts | null> {
  refuseOtherWorkspace(workspaceId);
  const [row] = await bySlug({ workspaceId, slug });
  return row ? asFacts(row) : null;
}

/** Every grant of the workspace, by its connection's name. Throws `WorkspaceCrossed` in another workspace's session. */
export async function grantsOf(workspaceId: string): Promise<GrantFacts[]> {
  refuseOtherWorkspace(workspaceId);
  return (await ofWorkspace({ workspaceId })).map(asFacts);
}

/** The columns of `GrantFacts`; other reads of grants begin here. */
export function facts(db: Kysely<Tables>) {
  return db
    .selectFrom('connection as c')
    .innerJoin('grant as g', 'g.connection_id', 'c.id')
    .leftJoin('provider_metadata as m', 'm.connection_id', 'c.id')
    .select(({ eb }) => [
      eb('g.sealed_access_token', 'is not', null).as('has_access_token'),
      eb('g.sealed_refresh_token', 'is not', null).as('has_refresh_token'),
    ])
    .select(['c.id as connection_id', 'c.workspace_id', 'c.slug', 'c.name', 'c.auth', 'c.keep_alive', 'c.last_call_at'])
    .select(['g.id', 'g.state', 'g.reason', 'g.detail', 'g.generation', 'g.fence', 'g.lease_instance', 'g.lease_until'])
    .select(['g.token_type', 'g.scope_asked', 'g.refresh_expires_at', 'g.consented_by', 'g.consented_at', 'g.told_at'])
    .select(['g.scope', 'g.obtained_at', 'g.expires_at', 'g.failures', 'g.retry_at'])
    .select(['g.quiet_until', 'g.quiet_seconds', 'g.updated_at'])
    .select(['m.issuer as named_by', 'm.token_url as named_token_url', 'm.kept_token_url']);
}

/** A row of `facts` as the database gives it. */
export type FactsRow = Awaited<ReturnType<typeof bySlug>>[number];

/** Throws for an `auth` that is no JSON. */
export function asFacts(row: FactsRow): GrantFacts {
  const auth = JSON.parse(row.auth) as AuthSettings;
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    connectionId: row.connection_id,
    slug: row.slug,
    name: row.name,
    auth,
    keepAlive: Boolean(row.keep_alive),
    lastCallAt: asDateOrNull(row.last_call_at),
    state: row.state as GrantState,
    reason: row.reason,
    detail: row.detail,
    generation: row.generation,
    fence: row.fence,
    leaseInstance: row.lease_instance,
    leaseUntil: asDateOrNull(row.lease_until),
    hasAccessToken: Boolean(row.has_access_token),
    hasRefreshToken: Boolean(row.has_refresh_token),
    tokenType: row.token_type as TokenType,
    scope: row.scope,
    scopeAsked: row.scope_asked,
    obtainedAt: asDateOrNull(row.obtained_at),
    expiresAt: asDateOrNull(row.expires_at),
    refreshExpiresAt: asDateOrNull(row.refresh_expires_at),
    consentedBy: row.consented_by,
    consentedAt: asDateOrNull(row.consented_at),
    failures: row.failures,
    retryAt: asDateOrNull(row.retry_at),
    quietUntil: asDateOrNull(row.quiet_until),
    quietSeconds: row.quiet_seconds,
    toldAt: asDateOrNull(row.told_at),
    updatedAt: asDate(row.updated_at),
    movedTokenUrl: movedTokenUrl(auth, row),
  };
}

type Named = Pick<FactsRow, 'named_by' | 'named_token_url' | 'kept_token_url'>;

function movedTokenUrl(auth: AuthSettings, { named_by, named_token_url, kept_token_url }: Named): string | null {
  if (auth.type !== 'oauth2' || auth.issuer !== named_by) return null;
  return named_token_url === auth.tokenUrl || named_token_url === kept_token_url ? null : named_token_url;
}
