import { describe, expect, test } from '@jest/globals';
import { session, withSession } from '../../../src/db/session.ts';
import { withSystem } from '../../../src/db/system.ts';
import { InvalidInput, NotFound, TooMany } from '../../../src/kernel/errors.ts';
import { User } from '../../../src/model/user.ts';
import { Accounts } from '../../../src/services/people/accounts.ts';
import { openDoorstep, PASSWORD } from '../doorstep.ts';

const EMAIL = 'ada@example.org';
const FROM = { address: '203.0.113.9', userAgent: 'Test', previousToken: null };
const hashOf = (email: string) => withSystem(async () => (await session.findOneOrFail(User, { email })).passwordHash);

describe('a person’s own account', () => {
  async function openSignedInTwice() {
    const door = await openDoorstep();
    await door.gatekeeper.ensureOwner(EMAIL, PASSWORD);
    const here = await door.gatekeeper.signIn({ ...FROM, email: EMAIL, password: PASSWORD });
    const there = await door.gatekeeper.signIn({ ...FROM, email: EMAIL, password: PASSWORD });
    const self = await door.gatekeeper.whoIs(here.token);
    if (!self) throw new Error('Nobody is signed in.');
    const inside = <T>(work: () => Promise<T>) => withSession(self.workspaceId, work);
    return { ...door, here, there, self, inside, [Symbol.asyncDispose]: () => door[Symbol.asyncDispose]() };
  }

  test('takes a new password, and ends every other sign-in', async () => {
    await using door = await openSignedInTwice();

    await door.inside(() => door.accounts.changePassword(door.self, PASSWORD, 'another long password'));

    expect(await door.gatekeeper.whoIs(door.here.token)).not.toBeNull();
    expect(await door.gatekeeper.whoIs(door.there.token)).toBeNull();
    const enter = (password: string) => door.gatekeeper.signIn({ ...FROM, email: EMAIL, password });
    await expect(enter(PASSWORD)).rejects.toBeInstanceOf(InvalidInput);
    await expect(enter('another long password')).resolves.toBeDefined();
  });

  test.each([
    ['wrong wrong wrong', 'another long password', '/currentPassword'],
    [PASSWORD, 'short', '/newPassword'],
  ])('keeps its password where %s should become %s', async (current, wanted, pointer) => {
    await using door = await openSignedInTwice();
    const before = await hashOf(EMAIL);

    const work = door.inside(() => door.accounts.changePassword(door.self, current, wanted));

    await expect(work).rejects.toMatchObject({ errors: [{ pointer }] });
    expect(await hashOf(EMAIL)).toBe(before);
    expect(await door.gatekeeper.whoIs(door.there.token)).not.toBeNull();
  });

  test('cannot be used to guess its password', async () => {
    await using door = await openSignedInTwice();
    const guess = () =>
      door.inside(() => door.accounts.changePassword(door.self, 'wrong wrong wrong', 'another long password'));

    for (let tries = 0; tries < 10; tries += 1) await expect(guess()).rejects.toBeInstanceOf(InvalidInput);

    await expect(guess()).rejects.toBeInstanceOf(TooMany);
  });

  test('loses no try where no password was tried, for want of a place', async () => {
    await using door = await openSignedInTwice();
    const full = new TooMany('Full.', 2);
    const passwords = { hash: () => Promise.reject(full), verify: () => Promise.reject(full) };
    const crowded = new Accounts({ ...door.parts, passwords });

    for (let tries = 0; tries < 11; tries += 1) {
      const work = door.inside(() => crowded.changePassword(door.self, PASSWORD, 'another long password'));
      await expect(work).rejects.toMatchObject({ retryAfterSeconds: 2 });
    }

    const work = door.inside(() => door.accounts.changePassword(door.self, PASSWORD, 'another long password'));
    await expect(work).resolves.toBeUndefined();
  });

  test('ends all its other sign-ins at once, and nobody else’s', async () => {
    await using door = await openSignedInTwice();
    const bob = { email: 'bob@example.org', password: PASSWORD };
    await withSystem(() => door.users.create({ ...bob, role: 'viewer', workspace: 'workspace' }));
    const elsewhere = await door.gatekeeper.signIn({ ...FROM, ...bob });

    expect(await door.inside(() => door.accounts.endOtherSignIns(door.self))).toBe(1);

    expect(await door.gatekeeper.whoIs(door.here.token)).not.toBeNull();
    expect(await door.gatekeeper.whoIs(door.there.token)).toBeNull();
    expect(await door.gatekeeper.whoIs(elsewhere.token)).not.toBeNull();
  });

  test('lists its sign-ins and ends one of them, never anybody else’s', async () => {
    await using door = await openSignedInTwice();
    const { userId, signInId } = door.self;
    const list = await door.inside(() => door.accounts.signInsOf(userId));
    const other = list.find(({ id }) => id !== signInId)?.id ?? '';

    expect(list).toHaveLength(2);
    await expect(door.inside(() => door.accounts.endSignIn(crypto.randomUUID(), other))).rejects.toBeInstanceOf(
      NotFound,
    );
    expect(await door.gatekeeper.whoIs(door.there.token)).not.toBeNull();
    await door.inside(() => door.accounts.endSignIn(userId, other));

    expect(await door.gatekeeper.whoIs(door.there.token)).toBeNull();
    expect(await door.gatekeeper.whoIs(door.here.token)).not.toBeNull();
  });
});
