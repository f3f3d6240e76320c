import { describe, expect, test } from '@jest/globals';
import { session } from '../../../src/db/session.ts';
import { withSystem } from '../../../src/db/system.ts';
import { NotFound, NotSignedIn } from '../../../src/kernel/errors.ts';
import { SignIn } from '../../../src/model/sign-in.ts';
import { openTeam } from './team.ts';

const HOUR_MS = 60 * 60_000;
const ADA = 'ada@example.org';

describe('a new workspace', () => {
  test('has its first owner, who has to be a user', async () => {
    await using team = await openTeam();

    const made = await team.workspaces.create({ name: ' Équipe  Nord ' }, 'ADA@example.org');

    expect(made).toMatchObject({ name: 'Équipe  Nord', slug: 'equipe-nord' });
    expect(await team.workspaces.ofPerson(team.ada.person.userId)).toMatchObject([
      { slug: 'workspace', role: 'owner' },
      { slug: 'equipe-nord', role: 'owner', workspaceId: made.id, lastSeenAt: null },
    ]);
    const nobodys = team.workspaces.create({ name: 'Nobody’s' }, 'nobody@example.org');
    await expect(nobodys).rejects.toMatchObject({ errors: [{ pointer: '/ownerEmail' }] });
    expect((await team.workspaces.list()).map(({ slug }) => slug)).toEqual(['equipe-nord', 'workspace']);
  });

  test('gets a slug that is free, or the one that was asked for', async () => {
    await using team = await openTeam();
    const slugOf = async (name: string, slug?: string) => (await team.workspaces.create({ name, slug }, ADA)).slug;

    expect(await slugOf('Workspace')).toBe('workspace-2');
    expect(await slugOf('Workspace')).toBe('workspace-3');
    expect(await slugOf('日本')).toBe('workspace-4');
    expect(await slugOf('long '.repeat(20))).toBe('long-long-long-long-long-long-long-long-long-long');
    expect(await slugOf('Anything', 'mine')).toBe('mine');
  });

  test.each([
    [{ name: ' ' }, '/name'],
    [{ name: 'x'.repeat(121) }, '/name'],
    [{ name: 'Fine', slug: 'workspace' }, '/slug'],
    [{ name: 'Fine', slug: 'Not fine' }, '/slug'],
    [{ name: 'Fine', slug: 'x'.repeat(61) }, '/slug'],
    [{ name: 'Fine', slug: '' }, '/slug'],
  ])('is not made from %j', async (input, pointer) => {
    await using team = await openTeam();

    await expect(team.workspaces.create(input, ADA)).rejects.toMatchObject({ errors: [{ pointer }] });

    expect(await team.workspaces.list()).toHaveLength(1);
  });

  test('is found by its slug', async () => {
    await using team = await openTeam();

    expect(await team.workspaces.find('workspace')).toMatchObject({ name: 'Workspace' });
    await expect(team.workspaces.find('other')).rejects.toBeInstanceOf(NotFound);
  });
});

describe('a sign-in that moves to another workspace', () => {
  test('gets a new id and a new token, keeps its end, and its old token is dead', async () => {
    await using team = await openTeam();
    const other = await team.workspaces.create({ name: 'Other' }, ADA);
    const before = await withSystem(() => session.findAll(SignIn));
    team.pass(HOUR_MS);

    const { token, expiresAt } = await team.gatekeeper.moveTo(team.ada.person, 'other');

    expect(await team.gatekeeper.whoIs(team.ada.token)).toBeNull();
    const moved = await team.gatekeeper.whoIs(token);
    expect(moved).toMatchObject({ workspaceId: other.id, userId: team.ada.person.userId, role: 'owner' });
    expect(moved?.signInId).not.toBe(team.ada.person.signInId);
    expect(expiresAt).toEqual(before[0]?.expiresAt);
    const after = await withSystem(() => session.findAll(SignIn));
    expect(after).toMatchObject([{ createdAt: before[0]?.createdAt, address: '203.0.113.9', userAgent: 'Test' }]);
    expect(JSON.stringify(after)).not.toContain(token);
  });

  test('stays where it is when the person is not in the other, or there is none', async () => {
    await using team = await openTeam();
    await team.elsewhere('theirs', 'eve');

    for (const slug of ['theirs', 'nowhere', '']) {
      await expect(team.gatekeeper.moveTo(team.ada.person, slug)).rejects.toBeInstanceOf(NotFound);
    }

    expect(await team.gatekeeper.whoIs(team.ada.token)).toEqual(team.ada.person);
  });

  test('moves once: of two at the same moment one is too late, and only one token is good', async () => {
    await using team = await openTeam();
    await team.workspaces.create({ name: 'Other' }, ADA);

    const tries = await Promise.allSettled([1, 2].map(() => team.gatekeeper.moveTo(team.ada.person, 'other')));

    expect(tries.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(tries.find(({ status }) => status === 'rejected')).toMatchObject({ reason: expect.any(NotSignedIn) });
    expect(await withSystem(() => session.count(SignIn))).toBe(1);
  });
});

describe('the next sign-in', () => {
  test('leads to the oldest membership, and once another workspace was used, there', async () => {
    await using team = await openTeam();
    const home = team.ada.person.workspaceId;
    const other = await team.workspaces.create({ name: 'Other' }, ADA);
    expect((await team.signedIn('ada')).person.workspaceId).toBe(home);

    team.pass(HOUR_MS);
    const { token } = await team.gatekeeper.moveTo(team.ada.person, 'other');
    await team.gatekeeper.signOut(token);

    const next = await team.signedIn('ada');
    expect(next.person.workspaceId).toBe(other.id);
    await team.as(next, async () => {
      const [membership] = await team.members.list();
      expect(membership?.lastSeenAt).toEqual(team.clock.now());
    });
  });

  test('leads to the first workspace where somebody was never seen anywhere', async () => {
    await using team = await openTeam();
    await team.workspaces.create({ name: 'Second' }, ADA);
    await withSystem(() =>
      team.users.create({
        email: 'kim@example.org',
        password: 'correct horse battery',
        role: 'viewer',
        workspace: 'second',
      }),
    );
    team.pass(1000);
    await withSystem(() =>
      team.users.create({ email: 'kim@example.org', password: null, role: 'owner', workspace: 'workspace' }),
    );

    expect((await team.signedIn('kim')).person).toMatchObject({ role: 'viewer' });
  });
});
