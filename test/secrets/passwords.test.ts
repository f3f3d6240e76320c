import { describe, expect, test } from '@jest/globals';
import { TooMany } from '../../src/kernel/errors.ts';
import { systemRandom } from '../../src/kernel/ids.ts';
import { passwordFault, Passwords } from '../../src/secrets/passwords.ts';

const fast = { memory: 64, passes: 1, parallelism: 1 };
const passwords = new Passwords({ random: systemRandom, cost: fast });

describe('a password', () => {
  test('is known by its hash, and no other is', async () => {
    const hash = await passwords.hash('correct horse battery');
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=64,t=1,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(await passwords.hash('correct horse battery')).not.toBe(hash);
    expect(await passwords.verify('correct horse battery', hash)).toBe(true);
    expect(await passwords.verify('correct horse batterz', hash)).toBe(false);
  });

  test('agrees with the reference implementation of Argon2id', async () => {
    const known = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
    expect(await passwords.verify('password', known)).toBe(true);
    expect(await passwords.verify('Password', known)).toBe(false);
  });

  test('of a user who is not there is never right, and costs a hash all the same', async () => {
    const dear = new Passwords({ random: systemRandom, cost: { memory: 32_768, passes: 2, parallelism: 1 } });
    const before = process.cpuUsage();
    expect(await dear.verify('correct horse battery', null)).toBe(false);
    expect(process.cpuUsage(before).user).toBeGreaterThan(10_000);
    expect(await passwords.verify('correct horse battery', 'no hash')).toBe(false);
  });

  test('hashed at another cost is to be hashed anew, at 64 MiB unless told otherwise', async () => {
    const hash = await passwords.hash('correct horse battery');
    expect(passwords.needsRehash(hash)).toBe(false);
    const usual = new Passwords({ random: systemRandom });
    expect(usual.needsRehash(hash)).toBe(true);
    expect(await usual.hash('correct horse battery')).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=1\$/);
  });

  test('has 12 to 256 characters', () => {
    expect([...'🚀'.repeat(12)].length).toBe(12);
    expect(passwordFault('x'.repeat(11))).toMatch(/at least 12/);
    expect(passwordFault('🚀'.repeat(11))).toMatch(/at least 12/);
    expect(passwordFault('x'.repeat(12))).toBeNull();
    expect(passwordFault('🚀'.repeat(256))).toBeNull();
    expect(passwordFault('x'.repeat(257))).toMatch(/at most 256/);
  });
});

describe('nineteen sign-ins at once', () => {
  test('are two at work and sixteen in line; the last is told to come back', async () => {
    const all = Array.from({ length: 19 }, () => passwords.verify('correct horse battery', null));
    const ends = await Promise.allSettled(all);
    expect(ends.map(({ status }) => status)).toEqual([...Array(18).fill('fulfilled'), 'rejected']);
    expect(ends[18]).toMatchObject({ reason: expect.any(TooMany) });
    expect(await passwords.verify('correct horse battery', null)).toBe(false);
  });
});
