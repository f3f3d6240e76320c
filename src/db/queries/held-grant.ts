import type { OAuth2Settings } from '../../kernel/auth.ts';
import { NotFound } from '../../kernel/errors.ts';
import { asFacts, facts, type GrantFacts } from './grants.ts';
import { namedQuery, refuseOtherWorkspace } from './named-query.ts';

/** A grant with everything that renewing it takes; its secrets are still sealed. */
export interface HeldGrant extends GrantFacts {
  readonly auth: OAuth2Settings;
  readonly sealedSecrets: string | null;
  /** Certificates in PEM that its servers may be known by besides the system's. */
  readonly certificateAuthorities: string | null;
  readonly sealedAccessToken: string | null;
  readonly sealedRefreshToken: string | null;
  readonly sealedPreviousRefreshToken: string | null;
}

const byConnection = namedQuery((db, { workspaceId, connectionId }: { workspaceId: string; connectionId: string }) =>
  facts(db)
    .select([
      'c.sealed_secrets',
      'c.certificate_authorities',
      'g.sealed_access_token',
      'g.sealed_refresh_token',
      'g.sealed_previous_refresh_token',
    ])
    .where('c.workspace_id', '=', workspaceId)
    .where('c.id', '=', connectionId),
);

/**
 * The grant of an OAuth connection as it stands in the database now, past the identity map. Throws `NotFound`, also
 * where the connection has another way of authorising.
 */
export async function heldGrant(workspaceId: string, connectionId: string): Promise<HeldGrant> {
  refuseOtherWorkspace(workspaceId);
  const [row] = await byConnection({ workspaceId, connectionId });
  const grant = row && asFacts(row);
  if (!grant || grant.auth.type !== 'oauth2') throw new NotFound('OAuth connection', connectionId);
  return {
    ...grant,
    auth: grant.auth,
    sealedSecrets: row.sealed_secrets,
    certificateAuthorities: row.certificate_authorities,
    sealedAccessToken: row.sealed_access_token,
    sealedRefreshToken: row.sealed_refresh_token,
    sealedPreviousRefreshToken: row.sealed_previous_refresh_token,
  };
}
