import { describe, expect, test } from '@jest/globals';
import { withSystem } from '../../../src/db/system.ts';
import { Conflict, InvalidInput, NotFound } from '../../../src/kernel/errors.ts';
import type { Role } from '../../../src/kernel/role.ts';
import { PASSWORD } from '../doorstep.ts';
import { openTeam } from './team.ts';

const FROM = { address: '203.0.113.9', userAgent: 'Test', previousToken: null };
const BOB = { email: 'bob@example.org', password: PASSWORD, role: 'editor' as Role, workspace: 'workspace' };

describe('a user made by whoever runs Callbook', () => {
  test('is a member who can sign in', async () => {
    await using team = await openTeam();

    const made = await withSystem(() => team.users.create({ ...BOB, email: ' BOB@example.org ' }));

    expect(made).toMatchObject({ email: 'bob@example.org', role: 'editor', workspace: 'workspace', isNew: true });
    expect((await team.signedIn('bob')).person).toMatchObject({ role: 'editor', name: 'bob@example.org' });
    expect(JSON.stringify(made)).not.toContain(PASSWORD);
  });

  test('who is one already keeps their password and gets the membership', async () => {
    await using team = await openTeam();
    await team.workspaces.create({ name: 'Other' }, 'ada@example.org');
    await withSystem(() => team.users.create(BOB));

    const there = { ...BOB, password: null, role: 'viewer', workspace: 'other' } as const;
    const made = await withSystem(() => team.users.create(there));
    expect(made).toMatchObject({ isNew: false, workspace: 'other', role: 'viewer' });

    const again = withSystem(() => team.users.create({ ...BOB, password: 'quite another one', role: 'owner' }));
    await expect(again).rejects.toBeInstanceOf(Conflict);
    expect(await team.roles(team.ada)).toEqual(['ada: owner', 'bob: editor']);
    await expect(team.signedIn('bob')).resolves.toBeDefined();
  });

  test.each([
    [{ email: 'nobody' }, InvalidInput],
    [{ email: `${'x'.repeat(250)}@example.org` }, InvalidInput],
    [{ password: 'short' }, InvalidInput],
    [{ password: null }, InvalidInput],
    [{ role: 'king' as Role }, InvalidInput],
    [{ workspace: 'nowhere' }, NotFound],
  ])('is not made with %j', async (fault, kind) => {
    await using team = await openTeam();

    await expect(withSystem(() => team.users.create({ ...BOB, ...fault }))).rejects.toBeInstanceOf(kind);

    expect(await team.kept()).toMatchObject({ users: 1, memberships: 1 });
  });

  test('is made once, however many try at once', async () => {
    await using team = await openTeam();

    const tries = await Promise.allSettled([1, 2, 3].map(() => withSystem(() => team.users.create(BOB))));

    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await team.kept()).toMatchObject({ users: 2, memberships: 2 });
  });
});

describe('the list of users', () => {
  test('tells where they are and when they were last seen, and no hash', async () => {
    await using team = await openTeam();
    await team.workspaces.create({ name: 'Other' }, 'ada@example.org');
    await withSystem(() => team.users.create(BOB));

    const list = await withSystem(() => team.users.list());

    expect(list).toMatchObject([
      {
        email: 'ada@example.org',
        lastSeenAt: team.clock.now(),
        memberships: [
          { workspace: 'workspace', role: 'owner' },
          { workspace: 'other', role: 'owner' },
        ],
      },
      { email: 'bob@example.org', lastSeenAt: null, memberships: [{ workspace: 'workspace', role: 'editor' }] },
    ]);
    expect(JSON.stringify(list)).not.toContain('argon2');
  });
});

describe('a password that is set anew', () => {
  test('ends every sign-in of that person, nobody else’s, and forgives wrong tries', async () => {
    await using team = await openTeam();
    const bob = await team.add('bob', 'editor');
    const enter = (password: string) => team.gatekeeper.signIn({ ...FROM, email: BOB.email, password });
    for (let tries = 0; tries < 10; tries += 1)
      await expect(enter('wrong wrong wrong')).rejects.toBeInstanceOf(InvalidInput);

    expect(await withSystem(() => team.users.setPassword('Bob@example.org', 'a new long password'))).toBe(1);

    expect(await team.gatekeeper.whoIs(bob.token)).toBeNull();
    expect(await team.gatekeeper.whoIs(team.ada.token)).not.toBeNull();
    await expect(enter(PASSWORD)).rejects.toBeInstanceOf(InvalidInput);
    await expect(enter('a new long password')).resolves.toBeDefined();
  });

  test('is for somebody there is, and a good one', async () => {
    await using team = await openTeam();

    await expect(withSystem(() => team.users.setPassword('eve@example.org', PASSWORD))).rejects.toBeInstanceOf(
      NotFound,
    );
    await expect(withSystem(() => team.users.setPassword('ada@example.org', 'short'))).rejects.toBeInstanceOf(
      InvalidInput,
    );

    expect(await team.gatekeeper.whoIs(team.ada.token)).not.toBeNull();
  });
});
