import { describe, expect, test } from '@jest/globals';
import { session } from '../../src/db/session.ts';
import { withSystem } from '../../src/db/system.ts';
import { InvalidInput, TooMany } from '../../src/kernel/errors.ts';
import { Membership } from '../../src/model/membership.ts';
import { SignIn } from '../../src/model/sign-in.ts';
import { User } from '../../src/model/user.ts';
import { Workspace } from '../../src/model/workspace.ts';
import { Passwords } from '../../src/secrets/passwords.ts';
import { systemRandom } from '../../src/kernel/ids.ts';
import { Gatekeeper } from '../../src/services/gatekeeper.ts';
import { openDoorstep, PASSWORD } from './doorstep.ts';

const EMAIL = 'ada@example.org';
const FROM = { address: '203.0.113.9', userAgent: 'Test', previousToken: null };
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const counts = () =>
  withSystem(async () => [
    await session.count(User),
    await session.count(Workspace),
    await session.count(Membership),
    await session.count(SignIn),
  ]);
const hashOf = (email: string) => withSystem(async () => (await session.findOneOrFail(User, { email })).passwordHash);

async function openWithOwner(options: Parameters<typeof openDoorstep>[0] = {}) {
  const door = await openDoorstep(options);
  await door.gatekeeper.ensureOwner(EMAIL, PASSWORD);
  return door;
}

async function refusal(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'let in',
    (error: unknown) => error,
  );
}

describe('a sign-in', () => {
  test('gives a token that is nowhere in the database, and says who holds it', async () => {
    await using door = await openWithOwner();

    const { token, expiresAt } = await door.gatekeeper.signIn({
      ...FROM,
      email: 'ADA@example.org',
      password: PASSWORD,
    });

    expect(Buffer.from(token, 'base64url')).toHaveLength(32);
    expect(expiresAt.getTime() - door.clock.now().getTime()).toBe(7 * 24 * HOUR_MS);
    expect(await door.gatekeeper.whoIs(token)).toMatchObject({ name: EMAIL, role: 'owner' });
    const kept = await withSystem(() => session.findAll(SignIn));
    expect(kept).toMatchObject([{ address: '203.0.113.9', userAgent: 'Test' }]);
    expect(JSON.stringify(kept)).not.toContain(token);
  });

  test('has a new token each time, and ends the one the browser came with', async () => {
    await using door = await openWithOwner();
    const one = await door.gatekeeper.signIn({ ...FROM, email: EMAIL, password: PASSWORD });

    const two = await door.gatekeeper.signIn({ ...FROM, email: EMAIL, password: PASSWORD, previousToken: one.token });

    expect(two.token).not.toBe(one.token);
    expect(await door.gatekeeper.whoIs(one.token)).toBeNull();
    expect(await door.gatekeeper.whoIs(two.token)).not.toBeNull();
  });

  test('is over at the sign-out', async () => {
    await using door = await openWithOwner();
    const { token } = await door.gatekeeper.signIn({ ...FROM, email: EMAIL, password: PASSWORD });

    await door.gatekeeper.signOut(token);

    expect(await door.gatekeeper.whoIs(token)).toBeNull();
    expect(await counts()).toEqual([1, 1, 1, 0]);
  });

  test('hashes the password anew where it was hashed at another cost', async () => {
    await using door = await openWithOwner();
    const dearer = new Passwords({ random: systemRandom, cost: { memory: 128, passes: 1, parallelism: 1 } });
    const gatekeeper = new Gatekeeper({ ...door.parts, passwords: dearer });

    await gatekeeper.signIn({ ...FROM, email: EMAIL, password: PASSWORD });

    expect(await hashOf(EMAIL)).toContain('m=128');
    await expect(door.gatekeeper.signIn({ ...FROM, email: EMAIL, password: PASSWORD })).resolves.toBeDefined();
  });
});

describe('a wrong sign-in', () => {
  test('gets the same words for an address nobody has', async () => {
    await using door = await openWithOwner();
    const wrong = { ...FROM, password: 'not the password' };

    const known = await refusal(door.gatekeeper.signIn({ ...wrong, email: EMAIL }));
    const unknown = await refusal(door.gatekeeper.signIn({ ...wrong, email: 'eve@example.org' }));

    expect(known).toBeInstanceOf(InvalidInput);
    expect(JSON.stringify(unknown)).toBe(JSON.stringify(known));
    expect(await counts()).toEqual([1, 1, 1, 0]);
  });

  test('costs a hash for an address nobody has, too', async () => {
    await using door = await openWithOwner();
    const asked: unknown[] = [];
    const passwords = {
      hash: (password: string) => door.passwords.hash(password),
      needsRehash: (hash: string) => door.passwords.needsRehash(hash),
      verify(password: string, hash: string | null) {
        asked.push(hash);
        return door.passwords.verify(password, hash);
      },
    };
    const gatekeeper = new Gatekeeper({ ...door.parts, passwords });

    await refusal(gatekeeper.signIn({ ...FROM, email: 'eve@example.org', password: PASSWORD }));

    expect(asked).toEqual([null]);
  });

  test.each([EMAIL, 'eve@example.org'])(
    'may be tried ten times in five minutes for %s, from anywhere',
    async (email) => {
      await using door = await openWithOwner();
      const guess = (address: string, password = 'wrong wrong wrong') =>
        door.gatekeeper.signIn({ ...FROM, address, email, password });

      for (let tries = 0; tries < 10; tries += 1)
        await expect(guess(`203.0.113.${tries}`)).rejects.toBeInstanceOf(InvalidInput);

      await expect(guess('198.51.100.1')).rejects.toMatchObject({ code: 'too-many', retryAfterSeconds: 300 });
      await expect(guess('198.51.100.1', PASSWORD)).rejects.toBeInstanceOf(TooMany);
      door.pass(5 * MINUTE_MS);
      await expect(guess('198.51.100.1')).rejects.toBeInstanceOf(InvalidInput);
    },
  );

  test.each([
    ['203.0.113.9', '203.0.113.9', '203.0.113.10'],
    ['::ffff:203.0.113.9', '203.0.113.9', '::ffff:203.0.113.10'],
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff:ffff:ffff:ffff', '2001:db8:1:3::1'],
  ])('may be tried thirty times in five minutes from %s, %s included, but not %s', async (one, same, other) => {
    await using door = await openWithOwner();
    const guess = (index: number, address: string) =>
      door.gatekeeper.signIn({ ...FROM, address, email: `p${index}@example.org`, password: 'wrong wrong wrong' });

    for (let tries = 0; tries < 30; tries += 1) await expect(guess(tries, one)).rejects.toBeInstanceOf(InvalidInput);

    await expect(guess(30, same)).rejects.toBeInstanceOf(TooMany);
    await expect(guess(31, other)).rejects.toBeInstanceOf(InvalidInput);
  });

  test('is forgotten for the account by the right password, and right ones do not count', async () => {
    await using door = await openWithOwner();
    const enter = (password: string) => door.gatekeeper.signIn({ ...FROM, email: EMAIL, password });

    for (let rounds = 0; rounds < 3; rounds += 1) {
      for (let tries = 0; tries < 9; tries += 1)
        await expect(enter('wrong wrong wrong')).rejects.toBeInstanceOf(InvalidInput);
      await expect(enter(PASSWORD)).resolves.toBeDefined();
    }
    for (let tries = 0; tries < 20; tries += 1) await expect(enter(PASSWORD)).resolves.toBeDefined();
  });

  test('does not count where no password was tried', async () => {
    await using door = await openWithOwner();
    const crowded = {
      hash: (password: string) => door.passwords.hash(password),
      needsRehash: () => false,
      verify: () => Promise.reject(new TooMany('Full.', 2)),
    };
    const gatekeeper = new Gatekeeper({ ...door.parts, passwords: crowded });

    for (let tries = 0; tries < 31; tries += 1) {
      await expect(gatekeeper.signIn({ ...FROM, email: EMAIL, password: PASSWORD })).rejects.toMatchObject({
        retryAfterSeconds: 2,
      });
    }

    await expect(door.gatekeeper.signIn({ ...FROM, email: EMAIL, password: PASSWORD })).resolves.toBeDefined();
  });
});

describe('a token', () => {
  test('nobody gave is nobody', async () => {
    await using door = await openWithOwner();

    expect(await door.gatekeeper.whoIs('made-up')).toBeNull();
  });

  test('is good for eight idle hours', async () => {
    await using door = await openWithOwner();
    const { token } = await door.gatekeeper.signIn({ ...FROM, email: EMAIL, password: PASSWORD });

    door.pass(8 * HOUR_MS - 1);
    expect(await door.gatekeeper.whoIs(token)).not.toBeNull();
    door.pass(8 * HOUR_MS - 1);
    expect(await door.gatekeeper.whoIs(token)).not.toBeNull();
    door.pass(8 * HOUR_MS);
    expect(await door.gatekeeper.whoIs(token)).toBeNull();
  });

  test('is good for seven days, however busy', async () => {
    await using door = await openWithOwner();
    const { token } = await door.gatekeeper.signIn({ ...FROM, email: EMAIL, password: PASSWORD });

    for (let hours = 0; hours < 7 * 24 - 4; hours += 4) {
      door.pass(4 * HOUR_MS);
      expect(await door.gatekeeper.whoIs(token)).not.toBeNull();
    }
    door.pass(4 * HOUR_MS);

    expect(await door.gatekeeper.whoIs(token)).toBeNull();
  });

  test('is noted as seen once a minute at most', async () => {
    await using door = await openWithOwner();
    const { token } = await door.gatekeeper.signIn({ ...FROM, email: EMAIL, password: PASSWORD });
    const seen = () => withSystem(async () => (await session.findAll(SignIn))[0]?.lastSeenAt.getTime());
    const first = await seen();

    door.pass(MINUTE_MS - 1);
    await door.gatekeeper.whoIs(token);
    expect(await seen()).toBe(first);
    door.pass(1);
    await door.gatekeeper.whoIs(token);

    expect(await seen()).toBe(Number(first) + MINUTE_MS);
  });

  test('is nothing once the person is no member any more', async () => {
    await using door = await openWithOwner();
    const { token } = await door.gatekeeper.signIn({ ...FROM, email: EMAIL, password: PASSWORD });

    await withSystem(() => session.nativeDelete(Membership, {}));

    expect(await door.gatekeeper.whoIs(token)).toBeNull();
  });
});
