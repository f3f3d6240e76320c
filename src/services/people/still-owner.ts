import { session } from '../../db/session.ts';
import { NotAllowed } from '../../kernel/errors.ts';
import { mayAct, type Person } from '../../kernel/role.ts';
import { Membership } from '../../model/membership.ts';

/**
 * Asks once more, inside the transaction we are in, whether the person is an owner here: somebody else may have changed
 * that since they asked. Throws `NotAllowed`.
 */
export async function refuseUnlessOwner({ userId, workspaceId }: Person): Promise<void> {
  const now = await session.findOne(Membership, { userId, workspaceId }, { refresh: true });
  if (now && mayAct(now.role, 'owner')) return;
  throw new NotAllowed('You are no owner here any more. Nothing was changed.');
}
