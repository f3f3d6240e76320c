import type { AuthSecrets } from '../../kernel/auth.ts';
import type { Vault } from '../../kernel/vault.ts';

/** Where a connection's secrets are sealed. */
function placeOf(connectionId: string) {
  return { table: 'connection', column: 'sealed_secrets', row: connectionId };
}

/** The secrets a connection holds, opened. Throws `SealBroken` when the row or the key is not the right one. */
export function openSecrets(vault: Vault, connectionId: string, sealed: string | null): AuthSecrets {
  return sealed === null ? {} : (JSON.parse(vault.open(sealed, placeOf(connectionId))) as AuthSecrets);
}

/** Seals a connection's secrets for its row; null where there are none. */
export function sealSecrets(vault: Vault, connectionId: string, secrets: AuthSecrets): string | null {
  return Object.keys(secrets).length === 0 ? null : vault.seal(JSON.stringify(secrets), placeOf(connectionId));
}
