import type { AuthSecrets } from '../../kernel/auth.ts';
import { Misconfigured } from '../../kernel/errors.ts';
import type { Vault } from '../../kernel/vault.ts';
import { SealBroken } from '../../secrets/vault.ts';

/** Where a connection's secrets are sealed. */
function placeOf(connectionId: string) {
  return { table: 'connection', column: 'sealed_secrets', row: connectionId };
}

/** The secrets of a connection do not open: they were changed, moved from another row, or their key is not here. */
export class SecretsBroken extends Misconfigured {
  constructor() {
    super(
      'The sealed secrets of this connection do not open: changed, moved from another row, or the key is not here. Put the key back, or edit the connection and enter each secret anew.',
    );
  }
}

/** The secrets a connection holds, opened. Throws `SecretsBroken` when the row or the key is not the right one. */
export function openSecrets(vault: Vault, connectionId: string, sealed: string | null): AuthSecrets {
  if (sealed === null) return {};
  try {
    return JSON.parse(vault.open(sealed, placeOf(connectionId))) as AuthSecrets;
  } catch (error) {
    throw error instanceof SealBroken ? new SecretsBroken() : error;
  }
}

/** Seals a connection's secrets for its row; null where there are none. */
export function sealSecrets(vault: Vault, connectionId: string, secrets: AuthSecrets): string | null {
  return Object.keys(secrets).length === 0 ? null : vault.seal(JSON.stringify(secrets), placeOf(connectionId));
}
