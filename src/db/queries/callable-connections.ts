import type { AuthSettings } from '../../kernel/auth.ts';
import type { HeaderPairs } from '../../kernel/headers.ts';
import { asDate, asDateOrNull, namedQuery, refuseOtherWorkspace } from './named-query.ts';

/** What a call needs to know of its connection. */
export interface CallableConnection {
  readonly id: string;
  readonly workspaceId: string;
  readonly slug: string;
  readonly name: string;
  readonly baseUrl: string;
  readonly origins: readonly string[];
  readonly headers: HeaderPairs;
  readonly timeoutMs: number;
  readonly width: number;
  readonly resendUnsafeOn401: boolean;
  readonly maskNames: readonly string[];
  readonly unmaskNames: readonly string[];
  readonly certificateAuthorities: string | null;
  readonly auth: AuthSettings;
  readonly sealedSecrets: string | null;
  readonly updatedAt: Date;
  readonly lastCallAt: Date | null;
}

const bySlug = namedQuery((db, { workspaceId, slug }: { workspaceId: string; slug: string }) =>
  db.selectFrom('connection').selectAll().where('workspace_id', '=', workspaceId).where('slug', '=', slug),
);

/** The connection of that slug, ready to call, or null. Throws `WorkspaceCrossed` in another workspace's session. */
export async function callableConnection(workspaceId: string, slug: string): Promise<CallableConnection | null> {
  refuseOtherWorkspace(workspaceId);
  const [row] = await bySlug({ workspaceId, slug });
  if (!row) return null;
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    slug: row.slug,
    name: row.name,
    baseUrl: row.base_url,
    origins: JSON.parse(row.origins) as readonly string[],
    headers: JSON.parse(row.headers) as HeaderPairs,
    timeoutMs: row.timeout_ms,
    width: row.width,
    resendUnsafeOn401: Boolean(row.resend_unsafe_on401),
    maskNames: JSON.parse(row.mask_names) as readonly string[],
    unmaskNames: JSON.parse(row.unmask_names) as readonly string[],
    certificateAuthorities: row.certificate_authorities,
    auth: JSON.parse(row.auth) as AuthSettings,
    sealedSecrets: row.sealed_secrets,
    updatedAt: asDate(row.updated_at),
    lastCallAt: asDateOrNull(row.last_call_at),
  };
}
