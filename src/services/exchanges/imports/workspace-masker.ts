import { heldGrant } from '../../../db/queries/held-grant.ts';
import { session } from '../../../db/session.ts';
import type { AuthSecrets } from '../../../kernel/auth.ts';
import type { Masker } from '../../../kernel/masker.ts';
import type { Vault } from '../../../kernel/vault.ts';
import { Connection } from '../../../model/connection.ts';
import { type MaskingSubject, maskerFor } from '../../../secrets/masking.ts';
import { secretsOf } from '../../connections/secrets-of.ts';
import { callSubject, openTokens } from '../../grants/live-secrets.ts';

/**
 * Masks what belongs to no connection: the usual names, and by value whatever any connection of the workspace holds now. A
 * browser may have called the same API with the same token, and a file may tell it where no name gives it away.
 */
export async function workspaceMasker(vault: Vault): Promise<Masker> {
  const subjects: MaskingSubject[] = [];
  for (const connection of await session.find(Connection, {})) {
    const secrets: AuthSecrets = await secretsOf(vault, connection);
    const { workspaceId, id, auth } = connection;
    const tokens = auth.type === 'oauth2' ? openTokens(vault, await heldGrant(workspaceId, id)) : [];
    subjects.push(callSubject(connection, secrets, tokens));
  }
  return maskerFor({
    secrets: subjects.flatMap((subject) => subject.secrets),
    basicPairs: subjects.flatMap((subject) => subject.basicPairs ?? []),
    wide: false,
  });
}
