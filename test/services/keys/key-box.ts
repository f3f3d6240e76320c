import { session, withSession } from '../../../src/db/session.ts';
import { withSystem } from '../../../src/db/system.ts';
import type { Role } from '../../../src/kernel/role.ts';
import { Workspace } from '../../../src/model/workspace.ts';
import { ApiKeys } from '../../../src/services/keys/api-keys.ts';
import { KeyGate } from '../../../src/services/keys/key-gate.ts';
import { openDoorstep } from '../doorstep.ts';

/** The owner of the workspace that keys are made in. */
export const EMAIL = 'ada@example.org';

/** A doorstep with an owner, API keys and the gate that reads them. */
export async function openKeyBox() {
  const door = await openDoorstep();
  await door.gatekeeper.ensureOwner(EMAIL, 'correct horse battery');
  const workspaceId = await withSystem(async () => (await session.findOneOrFail(Workspace, { slug: 'workspace' })).id);
  const apiKeys = new ApiKeys(door.parts);
  return {
    ...door,
    workspaceId,
    apiKeys,
    keyGate: new KeyGate(door.parts),
    /** Makes a key as the command line does. */
    make: (role: Role, expiresAt: Date | null = null, where = workspaceId) =>
      withSession(where, () => apiKeys.create(null, { name: 'CI', role, expiresAt })),
    inWorkspace: <T>(work: () => Promise<T>) => withSession(workspaceId, work),
    /** Makes another workspace; gives its id. */
    async openAnother(): Promise<string> {
      const id = door.parts.newId();
      const createdAt = door.clock.now();
      await withSystem(() => session.insert(Workspace, { id, slug: id, name: 'Another', createdAt }));
      return id;
    },
    [Symbol.asyncDispose]: () => door[Symbol.asyncDispose](),
  };
}
