import type { AuthSettings, OAuth2Settings } from '../../kernel/auth.ts';
import type { GrantState } from '../../model/grant.ts';

/** What must be known of a grant to tell its state: no token, only whether there is one. */
export interface GrantFacts {
  readonly id: string;
  readonly workspaceId: string;
  readonly connectionId: string;
  readonly slug: string;
  readonly auth: AuthSettings;
  readonly state: GrantState;
  readonly reason: string | null;
  readonly detail: string | null;
  readonly generation: number;
  readonly fence: number;
  readonly leaseInstance: string | null;
  readonly leaseUntil: Date | null;
  readonly hasAccessToken: boolean;
  readonly hasRefreshToken: boolean;
  readonly obtainedAt: Date | null;
  readonly expiresAt: Date | null;
  readonly failures: number;
  readonly retryAt: Date | null;
}

/** A grant with everything the keeper needs to renew it; its secrets are still sealed. */
export interface GrantRow extends GrantFacts {
  readonly auth: OAuth2Settings;
  readonly name: string;
  readonly sealedSecrets: string | null;
  readonly sealedAccessToken: string | null;
  readonly sealedRefreshToken: string | null;
  readonly sealedPreviousRefreshToken: string | null;
  readonly quietUntil: Date | null;
  readonly quietSeconds: number;
  readonly scope: string | null;
}
