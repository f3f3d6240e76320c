import { session } from '../../src/db/session.ts';
import { withSystem } from '../../src/db/system.ts';
import { idsBy, systemRandom } from '../../src/kernel/ids.ts';
import type { Role } from '../../src/kernel/role.ts';
import { Membership } from '../../src/model/membership.ts';
import { User } from '../../src/model/user.ts';
import { Workspace } from '../../src/model/workspace.ts';
import { Passwords } from '../../src/secrets/passwords.ts';
import { QUICK, type TestApp } from './app.ts';
import type { Client } from './client.ts';

const PASSWORD = 'correct horse battery staple';

/** A browser with somebody new signed in: of that role in the owner's workspace, or in a workspace of their own. */
export async function join(app: TestApp, role: Role, workspace: 'here' | 'elsewhere' = 'here'): Promise<Client> {
  const newId = idsBy(app.clock);
  const email = `${role}-${newId()}@example.org`;
  const passwordHash = await new Passwords({ random: systemRandom, cost: QUICK }).hash(PASSWORD);
  await withSystem(async () => {
    const createdAt = app.clock.now();
    const id = newId();
    const known = await session.findOneOrFail(Workspace, { id: { $ne: id } });
    if (workspace === 'elsewhere') await session.insert(Workspace, { id, slug: id, name: 'Elsewhere', createdAt });
    const userId = newId();
    const workspaceId = workspace === 'here' ? known.id : id;
    await session.insert(User, { id: userId, email, passwordHash, createdAt });
    await session.insert(Membership, { id: newId(), workspaceId, userId, role, createdAt });
  });
  const browser = app.client();
  const { status } = await browser.post('/sign-in', { email, password: PASSWORD });
  if (status !== 303) throw new Error(`${email} could not sign in: ${status}.`);
  return browser;
}
