import type { Clock } from '../kernel/clock.ts';
import type { NewId } from '../kernel/ids.ts';
import { Membership } from '../model/membership.ts';
import { User } from '../model/user.ts';
import { Workspace } from '../model/workspace.ts';
import { session } from '../db/session.ts';

interface Parts {
  readonly clock: Clock;
  readonly newId: NewId;
}

/**
 * Makes the first workspace and its owner, in the system scope we are in, unless there is a user. One transaction
 * decides, so of several tries at once one makes them. True when this one did.
 */
export async function makeFirstOwner({ clock, newId }: Parts, email: string, passwordHash: string): Promise<boolean> {
  return session.transactional(async () => {
    if ((await session.count(User)) > 0) return false;

    const createdAt = clock.now();
    const workspaceId = newId();
    const userId = newId();
    await session.insert(Workspace, { id: workspaceId, slug: 'workspace', name: 'Workspace', createdAt });
    await session.insert(User, { id: userId, email: email.toLowerCase(), passwordHash, createdAt });
    await session.insert(Membership, { id: newId(), workspaceId, userId, role: 'owner', createdAt });
    return true;
  });
}
