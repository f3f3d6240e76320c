import { describe, expect, test } from '@jest/globals';
import { Conflict, InvalidInput, NotAllowed, NotFound } from '../../../src/kernel/errors.ts';
import { PASSWORD } from '../doorstep.ts';
import { openTeam } from './team.ts';

const FROM = { address: '203.0.113.9', userAgent: 'Test', previousToken: null };

/** How each of some tries ended. */
async function outcomes(tries: readonly Promise<unknown>[]): Promise<string[]> {
  return (await Promise.allSettled(tries)).map((one) =>
    one.status === 'fulfilled' ? 'done' : String(one.reason.name),
  );
}

describe('the members of a workspace', () => {
  test('are told by address with their role, since when and when they were last seen', async () => {
    await using team = await openTeam();
    team.pass(60_000);
    await team.add('bob', 'viewer');

    const list = await team.as(team.ada, () => team.members.list());

    expect(list.map(({ email, role }) => [email, role])).toEqual([
      ['ada@example.org', 'owner'],
      ['bob@example.org', 'viewer'],
    ]);
    expect(list[1]?.since.getTime()).toBe(team.clock.now().getTime());
    expect(list[1]?.lastSeenAt?.getTime()).toBe(team.clock.now().getTime());
    team.pass(90_000);
    await team.gatekeeper.whoIs(team.ada.token);
    const [ada] = await team.as(team.ada, () => team.members.list());
    expect(ada?.lastSeenAt?.getTime()).toBe(team.clock.now().getTime());
  });

  test('are never another workspace’s, to see or to change', async () => {
    await using team = await openTeam();
    const eve = await team.elsewhere('other', 'eve');
    await team.add('bob', 'editor');
    const bob = await team.memberId('bob', team.ada);

    expect(await team.roles(eve)).toEqual(['eve: owner']);
    await expect(team.as(eve, () => team.members.find(bob))).rejects.toBeInstanceOf(NotFound);
    await expect(team.as(eve, (asking) => team.members.changeRole(asking, bob, 'owner'))).rejects.toBeInstanceOf(
      NotFound,
    );
    await expect(team.as(eve, (asking) => team.members.remove(asking, bob))).rejects.toBeInstanceOf(NotFound);
    expect(await team.roles(team.ada)).toEqual(['ada: owner', 'bob: editor']);
  });
});

describe('another role', () => {
  test('holds from the next request on', async () => {
    await using team = await openTeam();
    const bob = await team.add('bob', 'editor');

    await team.as(team.ada, async (ada) =>
      team.members.changeRole(ada, await team.memberId('bob', team.ada), 'viewer'),
    );

    expect(await team.gatekeeper.whoIs(bob.token)).toMatchObject({ role: 'viewer' });
  });

  test('is not for an owner who is one no more', async () => {
    await using team = await openTeam();
    const bob = await team.add('bob', 'owner');
    const [ada, own] = [await team.memberId('ada', team.ada), await team.memberId('bob', team.ada)];
    await team.as(team.ada, (asking) => team.members.changeRole(asking, own, 'editor'));

    for (const role of ['viewer', 'owner'] as const) {
      await expect(team.as(bob, (asking) => team.members.changeRole(asking, own, role))).rejects.toBeInstanceOf(
        NotAllowed,
      );
    }
    await expect(team.as(bob, (asking) => team.members.remove(asking, ada))).rejects.toBeInstanceOf(NotAllowed);
    expect(await team.roles(team.ada)).toEqual(['ada: owner', 'bob: editor']);
  });

  test('that is less takes the open invitations of an owner with it, and nobody else’s', async () => {
    await using team = await openTeam();
    const bob = await team.add('bob', 'owner');
    const byAda = await team.as(team.ada, (ada) => team.inviter.create(ada, { role: 'viewer', note: 'Kim' }));
    const byBob = await team.as(bob, (asking) => team.inviter.create(asking, { role: 'owner', note: 'Bob again' }));

    await team.as(team.ada, async (ada) =>
      team.members.changeRole(ada, await team.memberId('bob', team.ada), 'editor'),
    );

    expect((await team.invitations.look(byBob.token, '203.0.113.9')).state).toBe('unknown');
    expect((await team.invitations.look(byAda.token, '203.0.113.9')).state).toBe('open');
  });
});

describe('the last owner', () => {
  test('can be neither demoted nor removed', async () => {
    await using team = await openTeam();
    await team.add('bob', 'editor');
    const ada = await team.memberId('ada', team.ada);

    for (const role of ['viewer', 'editor'] as const) {
      await expect(team.as(team.ada, (asking) => team.members.changeRole(asking, ada, role))).rejects.toBeInstanceOf(
        Conflict,
      );
    }
    await expect(team.as(team.ada, (asking) => team.members.remove(asking, ada))).rejects.toBeInstanceOf(Conflict);
    await team.as(team.ada, (asking) => team.members.changeRole(asking, ada, 'owner'));

    expect(await team.roles(team.ada)).toEqual(['ada: owner', 'bob: editor']);
    expect(await team.gatekeeper.whoIs(team.ada.token)).toMatchObject({ role: 'owner' });
  });

  test.each(['changeRole', 'remove'] as const)(
    'stays when two owners act upon each other at once: %s',
    async (verb) => {
      await using team = await openTeam();
      const bob = await team.add('bob', 'owner');
      const [ada, own] = [await team.memberId('ada', team.ada), await team.memberId('bob', team.ada)];
      const act = (asking: typeof bob, id: string) =>
        team.as(asking, (person) =>
          verb === 'remove' ? team.members.remove(person, id) : team.members.changeRole(person, id, 'viewer'),
        );

      const ended = await outcomes([act(team.ada, own), act(bob, ada)]);

      expect(ended.sort()).toEqual(['NotAllowed', 'done']);
      expect((await team.roles(team.ada)).filter((one) => one.endsWith('owner'))).toHaveLength(1);
    },
  );

  test.each(['changeRole', 'remove'] as const)('stays when both owners step down at once: %s', async (verb) => {
    await using team = await openTeam();
    const bob = await team.add('bob', 'owner');
    const [ada, own] = [await team.memberId('ada', team.ada), await team.memberId('bob', team.ada)];
    const stepDown = (asking: typeof bob, id: string) =>
      team.as(asking, (person) =>
        verb === 'remove' ? team.members.remove(person, id) : team.members.changeRole(person, id, 'viewer'),
      );

    const ended = await outcomes([stepDown(team.ada, ada), stepDown(bob, own)]);

    expect(ended.sort()).toEqual(['Conflict', 'done']);
    expect((await team.roles(team.ada)).filter((one) => one.endsWith('owner'))).toHaveLength(1);
  });
});

describe('a member who is removed', () => {
  test('is out at once, here only, and stays what they are elsewhere', async () => {
    await using team = await openTeam();
    const bob = await team.add('bob', 'owner');
    await team.workspaces.create({ name: 'Other', slug: 'other' }, 'bob@example.org');
    const moved = await team.gatekeeper.moveTo(bob.person, 'other');
    const here = await team.signedIn('bob');
    const { token } = await team.gatekeeper.moveTo(here.person, 'workspace');
    expect(await team.gatekeeper.whoIs(token)).toMatchObject({ role: 'owner' });

    await team.as(team.ada, async (ada) => team.members.remove(ada, await team.memberId('bob', team.ada)));

    expect(await team.gatekeeper.whoIs(token)).toBeNull();
    expect(await team.gatekeeper.whoIs(moved.token)).toMatchObject({ role: 'owner' });
    expect(await team.roles(team.ada)).toEqual(['ada: owner']);
    expect((await team.signedIn('bob')).person.workspaceId).toBe((await team.workspaces.find('other')).id);
  });

  test('leaves no sign-in, no open invitation and no user behind, and may be invited anew', async () => {
    await using team = await openTeam();
    const bob = await team.add('bob', 'owner');
    await team.as(bob, (asking) => team.inviter.create(asking, { role: 'owner', note: 'A way back' }));
    expect(await team.kept()).toEqual({ users: 2, memberships: 2, signIns: 2, invitations: 1 });

    await team.as(team.ada, async (ada) => team.members.remove(ada, await team.memberId('bob', team.ada)));

    expect(await team.kept()).toEqual({ users: 1, memberships: 1, signIns: 1, invitations: 0 });
    const enter = team.gatekeeper.signIn({ ...FROM, email: 'bob@example.org', password: PASSWORD });
    await expect(enter).rejects.toBeInstanceOf(InvalidInput);
    const { token } = await team.as(team.ada, (ada) => team.inviter.create(ada, { role: 'viewer', note: 'Bob' }));
    const bobAgain = { email: 'bob@example.org', password: 'another long password' };
    expect((await team.invitations.register(token, bobAgain, FROM.address)).state).toBe('joined');
  });
});
