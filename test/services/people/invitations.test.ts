import { describe, expect, test } from '@jest/globals';
import { session } from '../../../src/db/session.ts';
import { withSystem } from '../../../src/db/system.ts';
import { InvalidInput, NotAllowed, NotFound, NotSignedIn, TooMany } from '../../../src/kernel/errors.ts';
import type { Role } from '../../../src/kernel/role.ts';
import { Invitation } from '../../../src/model/invitation.ts';
import { Membership } from '../../../src/model/membership.ts';
import { User } from '../../../src/model/user.ts';
import { hashToken } from '../../../src/secrets/opaque-token.ts';
import { Invitations } from '../../../src/services/people/invitations.ts';
import { PASSWORD } from '../doorstep.ts';
import { openTeam } from './team.ts';

const ADDRESS = '203.0.113.9';
const DAY_MS = 24 * 60 * 60_000;
const NEW = { email: 'kim@example.org', password: 'kim has a long password' };

async function openInvited(role: Role = 'editor') {
  const team = await openTeam();
  const invitation = await team.as(team.ada, (ada) => team.inviter.create(ada, { role, note: ' Kim ' }));
  return { ...team, ...invitation, [Symbol.asyncDispose]: () => team[Symbol.asyncDispose]() };
}

describe('an invitation', () => {
  test('is kept by the hash of its token alone, and is open for seven days', async () => {
    await using team = await openInvited();

    const kept = await withSystem(() => session.findAll(Invitation));

    expect(Buffer.from(team.token, 'base64url')).toHaveLength(32);
    expect(kept).toMatchObject([{ note: 'Kim', role: 'editor', tokenHash: hashToken(team.token), usedAt: null }]);
    expect(JSON.stringify(kept)).not.toContain(team.token);
    expect(team.expiresAt.getTime() - team.clock.now().getTime()).toBe(7 * DAY_MS);
    expect(await team.invitations.look(team.token, ADDRESS)).toMatchObject({
      state: 'open',
      role: 'editor',
      workspace: { slug: 'workspace' },
    });
  });

  test('makes somebody new a user and a member, once', async () => {
    await using team = await openInvited();

    const accepted = await team.invitations.register(team.token, NEW, ADDRESS);

    expect(accepted).toMatchObject({ state: 'joined', slug: 'workspace' });
    expect(await team.roles(team.ada)).toEqual(['ada: owner', 'kim: editor']);
    const again = { ...NEW, email: 'lee@example.org' };
    expect((await team.invitations.register(team.token, again, ADDRESS)).state).toBe('used');
    expect((await team.invitations.look(team.token, ADDRESS)).state).toBe('used');
    expect(await team.kept()).toMatchObject({ users: 2, memberships: 2 });
  });

  test('makes a person from elsewhere a member, and leaves them what they are elsewhere', async () => {
    await using team = await openInvited('viewer');
    const eve = await team.elsewhere('other', 'eve');

    expect((await team.invitations.join(team.token, eve.person, ADDRESS)).state).toBe('joined');

    expect(await team.roles(team.ada)).toEqual(['ada: owner', 'eve: viewer']);
    expect(await team.roles(eve)).toEqual(['eve: owner']);
  });

  test.each(['viewer', 'owner'] as const)(
    'as %s neither lowers nor raises a member, and is not used up',
    async (role) => {
      await using team = await openInvited(role);
      const bob = await team.add('bob', 'editor');

      expect((await team.invitations.join(team.token, bob.person, ADDRESS)).state).toBe('member-already');

      expect(await team.roles(team.ada)).toEqual(['ada: owner', 'bob: editor']);
      expect((await team.invitations.look(team.token, ADDRESS)).state).toBe('open');
    },
  );

  test('does not let somebody in under an address that has an account', async () => {
    await using team = await openInvited('owner');
    await team.add('bob', 'viewer');

    const taken = { email: 'bob@example.org', password: 'not what bob has set' };
    expect((await team.invitations.register(team.token, taken, ADDRESS)).state).toBe('account-exists');

    expect(await team.roles(team.ada)).toEqual(['ada: owner', 'bob: viewer']);
    expect((await team.invitations.look(team.token, ADDRESS)).state).toBe('open');
    await expect(team.signedIn('bob')).resolves.toBeDefined();
  });

  test('takes no weak password, and is not used up by one', async () => {
    await using team = await openInvited();

    const work = team.invitations.register(team.token, { ...NEW, password: 'short' }, ADDRESS);

    await expect(work).rejects.toMatchObject({ errors: [{ pointer: '/password' }] });
    expect((await team.invitations.look(team.token, ADDRESS)).state).toBe('open');
  });

  test('is nothing to a person who was removed everywhere meanwhile', async () => {
    await using team = await openInvited();
    const bob = await team.add('bob', 'viewer');
    await team.as(team.ada, async (ada) => team.members.remove(ada, await team.memberId('bob', team.ada)));

    await expect(team.invitations.join(team.token, bob.person, ADDRESS)).rejects.toBeInstanceOf(NotSignedIn);

    expect(await team.kept()).toMatchObject({ users: 1, memberships: 1 });
  });

  test.each(['', ' ', 'x'.repeat(121)])('is not made with the note %j', async (note) => {
    await using team = await openTeam();

    const work = team.as(team.ada, (ada) => team.inviter.create(ada, { role: 'viewer', note }));

    await expect(work).rejects.toBeInstanceOf(InvalidInput);
    expect((await team.kept()).invitations).toBe(0);
  });

  test('is not for an owner who is one no more', async () => {
    await using team = await openInvited();
    const bob = await team.add('bob', 'owner');
    await team.as(team.ada, async (ada) =>
      team.members.changeRole(ada, await team.memberId('bob', team.ada), 'editor'),
    );

    const make = team.as(bob, (asking) => team.inviter.create(asking, { role: 'owner', note: 'Bob' }));
    const withdraw = team.as(bob, (asking) => team.inviter.withdraw(asking, team.id));

    await expect(make).rejects.toBeInstanceOf(NotAllowed);
    await expect(withdraw).rejects.toBeInstanceOf(NotAllowed);
    expect((await team.kept()).invitations).toBe(1);
  });
});

describe('a link that cannot be used', () => {
  test('is told as expired after seven days, by every way in', async () => {
    await using team = await openInvited();
    const eve = await team.elsewhere('other', 'eve');

    team.pass(7 * DAY_MS - 1);
    expect((await team.invitations.look(team.token, ADDRESS)).state).toBe('open');
    team.pass(1);

    expect((await team.invitations.look(team.token, ADDRESS)).state).toBe('expired');
    expect((await team.invitations.join(team.token, eve.person, ADDRESS)).state).toBe('expired');
    expect((await team.invitations.register(team.token, NEW, ADDRESS)).state).toBe('expired');
    expect(await team.as(team.ada, () => team.inviter.listOpen())).toEqual([]);
    expect(await team.roles(team.ada)).toEqual(['ada: owner']);
  });

  test('is as unknown as one that never was, once it was withdrawn', async () => {
    await using team = await openInvited();

    await team.as(team.ada, (ada) => team.inviter.withdraw(ada, team.id));

    const never = await team.invitations.look('x'.repeat(43), ADDRESS);
    expect(await team.invitations.look(team.token, ADDRESS)).toEqual(never);
    expect(await team.invitations.register(team.token, NEW, ADDRESS)).toEqual(never);
    expect(never).toEqual({ state: 'unknown' });
  });

  test('cannot be withdrawn once it was used, and tells nobody whether an address is known', async () => {
    await using team = await openInvited();
    await team.invitations.register(team.token, NEW, ADDRESS);

    await expect(team.as(team.ada, (ada) => team.inviter.withdraw(ada, team.id))).rejects.toBeInstanceOf(NotFound);
    for (const email of ['ada@example.org', 'nobody@example.org']) {
      expect((await team.invitations.register(team.token, { ...NEW, email }, ADDRESS)).state).toBe('used');
    }
  });

  test('may be tried thirty times in five minutes from one network', async () => {
    await using team = await openInvited();
    const look = (token: string, address: string) => team.invitations.look(token, address);
    for (let tries = 0; tries < 40; tries += 1) await look(team.token, '2001:db8::1');
    for (let tries = 0; tries < 30; tries += 1) await look('made-up', `2001:db8::${tries}`);

    await expect(look('made-up', '2001:db8::99')).rejects.toMatchObject({ code: 'too-many', retryAfterSeconds: 300 });
    await expect(look(team.token, '2001:db8::99')).rejects.toBeInstanceOf(TooMany);
    await expect(look(team.token, '2001:db8:0:1::1')).resolves.toMatchObject({ state: 'open' });
    team.pass(5 * 60_000);
    await expect(look(team.token, '2001:db8::99')).resolves.toMatchObject({ state: 'open' });
  });

  test('counts no try where no password could be hashed for want of a place', async () => {
    await using team = await openInvited();
    const full = { hash: () => Promise.reject(new TooMany('Full.', 2)) };
    const crowded = new Invitations({ ...team.parts, passwords: full });

    for (let tries = 0; tries < 31; tries += 1) {
      const work = crowded.register(team.token, NEW, ADDRESS);
      await expect(work).rejects.toMatchObject({ retryAfterSeconds: 2 });
    }

    expect((await team.invitations.register(team.token, NEW, ADDRESS)).state).toBe('joined');
  });
});

describe('twenty who use one link at once', () => {
  test('are one new user, and nineteen who come too late', async () => {
    await using team = await openInvited();
    // Only eighteen may wait for a hash, which is not the point here.
    const ready = await team.passwords.hash(PASSWORD);
    const invitations = new Invitations({ ...team.parts, passwords: { hash: () => Promise.resolve(ready) } });
    const people = Array.from({ length: 20 }, (_, index) => ({ ...NEW, email: `kim${index}@example.org` }));

    const states = await Promise.all(people.map((one) => invitations.register(team.token, one, ADDRESS)));

    expect(states.map(({ state }) => state).sort()).toEqual(['joined', ...Array.from({ length: 19 }, () => 'used')]);
    expect(await team.kept()).toMatchObject({ users: 2, memberships: 2 });
  });

  test('are one member where all of them are signed in', async () => {
    await using team = await openInvited('owner');
    const ids = Array.from({ length: 20 }, () => team.parts.newId());
    await withSystem(async () => {
      for (const id of ids) {
        const row = { id, email: `${id}@example.org`, passwordHash: 'none', createdAt: team.clock.now() };
        await session.insert(User, row);
      }
    });

    const states = await Promise.all(ids.map((userId) => team.invitations.join(team.token, { userId }, ADDRESS)));

    expect(states.filter(({ state }) => state === 'joined')).toHaveLength(1);
    expect(await withSystem(() => session.count(Membership, { userId: { $in: ids } }))).toBe(1);
  });
});

describe('the open invitations of a workspace', () => {
  test('are never another workspace’s, to see or to withdraw', async () => {
    await using team = await openInvited();
    const eve = await team.elsewhere('other', 'eve');

    expect(await team.as(eve, () => team.inviter.listOpen())).toEqual([]);
    await expect(team.as(eve, (asking) => team.inviter.withdraw(asking, team.id))).rejects.toBeInstanceOf(NotFound);

    const mine = await team.as(team.ada, () => team.inviter.listOpen());
    expect(mine).toMatchObject([{ note: 'Kim', createdBy: 'ada@example.org' }]);
    expect(JSON.stringify(mine)).not.toContain(hashToken(team.token));
  });
});
