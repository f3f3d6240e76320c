import { session } from '../../db/session.ts';
import type { AuthSecrets } from '../../kernel/auth.ts';
import type { Vault } from '../../kernel/vault.ts';
import type { Connection } from '../../model/connection.ts';
import { openSecrets, SecretsBroken } from '../grants/held-secrets.ts';

/** The secrets of a connection, opened; none where the seal is broken: then they have to be written anew. */
export async function secretsOf(vault: Vault, connection: Connection): Promise<AuthSecrets> {
  await session.populate(connection, ['sealedSecrets']);
  try {
    return openSecrets(vault, connection.id, connection.sealedSecrets ?? null);
  } catch (error) {
    if (error instanceof SecretsBroken) return {};
    throw error;
  }
}
