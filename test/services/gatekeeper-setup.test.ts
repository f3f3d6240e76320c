import { describe, expect, test } from '@jest/globals';
import { session } from '../../src/db/session.ts';
import { withSystem } from '../../src/db/system.ts';
import { Conflict, InvalidInput, TooMany } from '../../src/kernel/errors.ts';
import { Membership } from '../../src/model/membership.ts';
import { SignIn } from '../../src/model/sign-in.ts';
import { User } from '../../src/model/user.ts';
import { Workspace } from '../../src/model/workspace.ts';
import { Gatekeeper } from '../../src/services/gatekeeper.ts';
import { openDoorstep, PASSWORD } from './doorstep.ts';

const EMAIL = 'ada@example.org';
const counts = () =>
  withSystem(async () => [
    await session.count(User),
    await session.count(Workspace),
    await session.count(Membership),
    await session.count(SignIn),
  ]);
const hashOf = (email: string) => withSystem(async () => (await session.findOneOrFail(User, { email })).passwordHash);

describe('setting up', () => {
  test('makes the owner and the workspace for whoever knows the code', async () => {
    await using door = await openDoorstep();
    const code = door.gatekeeper.setupCode();

    await door.gatekeeper.setUp({
      code: code.toLowerCase().replace('-', ' '),
      email: 'Ada@Example.org',
      password: PASSWORD,
      address: '::1',
    });

    expect(await counts()).toEqual([1, 1, 1, 0]);
    expect(await withSystem(() => session.findAll(Membership))).toMatchObject([{ role: 'owner' }]);
    expect(await withSystem(() => session.findAll(Workspace))).toMatchObject([
      { slug: 'workspace', name: 'Workspace' },
    ]);
    expect(await hashOf(EMAIL)).toMatch(/^\$argon2id\$/);
  });

  test.each(['', 'AAAA-AAAA', '0'.repeat(40)])('refuses the code "%s", and makes nothing', async (code) => {
    await using door = await openDoorstep();
    door.gatekeeper.setupCode();

    const work = door.gatekeeper.setUp({ code, email: EMAIL, password: PASSWORD, address: '::1' });

    await expect(work).rejects.toMatchObject({ code: 'invalid-input', errors: [{ pointer: '/code' }] });
    expect(await counts()).toEqual([0, 0, 0, 0]);
  });

  test('refuses every code before one was printed, and the one before the last', async () => {
    await using door = await openDoorstep();
    const setUp = (code: string) => door.gatekeeper.setUp({ code, email: EMAIL, password: PASSWORD, address: '::1' });

    await expect(setUp('')).rejects.toBeInstanceOf(InvalidInput);
    const older = door.gatekeeper.setupCode();
    door.gatekeeper.setupCode();

    await expect(setUp(older)).rejects.toBeInstanceOf(InvalidInput);
  });

  test('refuses a password that is too short', async () => {
    await using door = await openDoorstep();
    const code = door.gatekeeper.setupCode();

    const work = door.gatekeeper.setUp({ code, email: EMAIL, password: 'short', address: '::1' });

    await expect(work).rejects.toMatchObject({ errors: [{ pointer: '/password' }] });
    expect(await counts()).toEqual([0, 0, 0, 0]);
  });

  test('makes one owner when several try at once, from two processes', async () => {
    await using door = await openDoorstep();
    const other = new Gatekeeper(door.parts);
    const code = door.gatekeeper.setupCode();
    const otherCode = other.setupCode();

    const tries = await Promise.allSettled(
      Array.from({ length: 10 }, (_, index) =>
        (index % 2 ? door.gatekeeper : other).setUp({
          code: index % 2 ? code : otherCode,
          email: `p${index}@example.org`,
          password: PASSWORD,
          address: '::1',
        }),
      ),
    );

    const refused = tries.filter((outcome) => outcome.status === 'rejected');
    expect(refused).toHaveLength(9);
    expect(refused.every(({ reason }) => reason instanceof Conflict)).toBe(true);
    expect(await counts()).toEqual([1, 1, 1, 0]);
  });

  test('is over once there is an owner, even with the right code', async () => {
    await using door = await openDoorstep();
    const code = door.gatekeeper.setupCode();
    await door.gatekeeper.ensureOwner(EMAIL, PASSWORD);

    const work = door.gatekeeper.setUp({ code, email: 'eve@example.org', password: PASSWORD, address: '::1' });

    await expect(work).rejects.toBeInstanceOf(Conflict);
    expect(await door.gatekeeper.ensureOwner('eve@example.org', PASSWORD)).toBe(false);
    expect(await counts()).toEqual([1, 1, 1, 0]);
  });

  test('cannot be guessed at speed', async () => {
    await using door = await openDoorstep();
    door.gatekeeper.setupCode();
    const guess = () => door.gatekeeper.setUp({ code: 'AAAA-AAAA', email: EMAIL, password: PASSWORD, address: '::1' });

    for (let tries = 0; tries < 30; tries += 1) await expect(guess()).rejects.toBeInstanceOf(InvalidInput);

    await expect(guess()).rejects.toBeInstanceOf(TooMany);
  });
});
