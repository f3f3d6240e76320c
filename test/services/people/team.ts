import { session, withSession } from '../../../src/db/session.ts';
import { withSystem } from '../../../src/db/system.ts';
import type { Person, Role } from '../../../src/kernel/role.ts';
import { Invitation } from '../../../src/model/invitation.ts';
import { Membership } from '../../../src/model/membership.ts';
import { SignIn } from '../../../src/model/sign-in.ts';
import { User } from '../../../src/model/user.ts';
import { openDoorstep, PASSWORD } from '../doorstep.ts';

const FROM = { address: '203.0.113.9', userAgent: 'Test', previousToken: null };

/** A workspace `workspace` with the owner ada, and what it takes to add more people and look at what is kept. */
export async function openTeam() {
  const door = await openDoorstep();
  await door.gatekeeper.ensureOwner('ada@example.org', PASSWORD);

  async function signedIn(name: string): Promise<{ readonly token: string; readonly person: Person }> {
    const { token } = await door.gatekeeper.signIn({ ...FROM, email: `${name}@example.org`, password: PASSWORD });
    const person = await door.gatekeeper.whoIs(token);
    if (!person) throw new Error(`${name} is not signed in.`);
    return { token, person };
  }

  async function add(name: string, role: Role, workspace = 'workspace') {
    const email = `${name}@example.org`;
    await withSystem(() => door.users.create({ email, password: PASSWORD, role, workspace }));
    return signedIn(name);
  }

  return {
    ...door,
    ada: await signedIn('ada'),
    signedIn,
    add,
    /** A workspace of its own with an owner who is in no other. */
    async elsewhere(slug: string, ownerName: string) {
      await door.workspaces.create({ name: slug, slug }, 'ada@example.org');
      const made = await add(ownerName, 'owner', slug);
      const { id } = await door.workspaces.find(slug);
      const adaId = (await emailIds()).get('ada@example.org') ?? '';
      await withSystem(() => session.nativeDelete(Membership, { workspaceId: id, userId: adaId }));
      return made;
    },
    /** Work as a request of this person does it: in a session of their workspace. */
    as: <T>({ person }: { readonly person: Person }, work: (person: Person) => Promise<T>) =>
      withSession(person.workspaceId, () => work(person)),
    /** The membership of a person, by e-mail address. */
    async memberId(name: string, { person }: { readonly person: Person }): Promise<string> {
      const list = await withSession(person.workspaceId, () => door.members.list());
      return list.find(({ email }) => email === `${name}@example.org`)?.id ?? '';
    },
    /** Everybody in the workspace of a person, as `name: role`. */
    async roles({ person }: { readonly person: Person }): Promise<string[]> {
      const list = await withSession(person.workspaceId, () => door.members.list());
      return list.map(({ email, role }) => `${email.split('@')[0]}: ${role}`);
    },
    kept: () =>
      withSystem(async () => ({
        users: await session.count(User),
        memberships: await session.count(Membership),
        signIns: await session.count(SignIn),
        invitations: await session.count(Invitation),
      })),
    [Symbol.asyncDispose]: () => door[Symbol.asyncDispose](),
  };
}

async function emailIds(): Promise<Map<string, string>> {
  return withSystem(async () => new Map((await session.findAll(User)).map(({ id, email }) => [email, id])));
}
