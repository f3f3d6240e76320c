import { describe, expect, test } from '@jest/globals';
import { systemRandom } from '../../src/kernel/ids.ts';
import { fingerprint, fingerprints } from '../../src/secrets/fingerprint.ts';
import { keyRing } from '../../src/secrets/keys.ts';
import { csrfToken, hashToken, isCsrfToken, isSame, newToken } from '../../src/secrets/opaque-token.ts';
import { kidOf, openVault, SealBroken } from '../../src/secrets/vault.ts';

const old = keyRing([Buffer.alloc(32, 1)]);
const ring = keyRing([Buffer.alloc(32, 2), Buffer.alloc(32, 1)]);
const vault = openVault(ring, systemRandom);
const place = { table: 'grant', column: 'sealed_access_token', row: '0193f1b2-0000-7000-8000-000000000001' };
const other = { ...place, row: '0193f1b2-0000-7000-8000-000000000002' };

describe('a sealed value', () => {
  test.each(['', 'a token', 'žluť 🚀\0\n', 'x'.repeat(100_000)])('opens at its place (%#)', (secret) => {
    const sealed = vault.seal(secret, place);
    expect(sealed).toMatch(new RegExp(`^v1\\.${ring.primary.kid}\\.[\\w-]{16}\\.[\\w-]{22,}$`));
    expect(vault.open(sealed, place)).toBe(secret);
  });

  test('differs each time and shows nothing of the secret', () => {
    const seals = Array.from({ length: 50 }, () => vault.seal('the same secret', place));
    expect(new Set(seals).size).toBe(50);
    expect(seals.join()).not.toContain('secret');
  });

  test('opens with an older key of the ring, and not without it', () => {
    const sealed = openVault(old, systemRandom).seal('a token', place);
    expect(vault.open(sealed, place)).toBe('a token');
    expect(kidOf(sealed)).toBe(old.primary.kid);
    expect(() => openVault(old, systemRandom).open(vault.seal('a token', place), place)).toThrow(SealBroken);
  });

  test.each([
    ['row', other],
    ['column', { ...place, column: 'sealed_refresh_token' }],
    ['table', { ...place, table: 'connection' }],
  ])('does not open in another %s', (_, elsewhere) => {
    const sealed = vault.seal('a token', place);
    expect(() => vault.open(sealed, elsewhere)).toThrow(SealBroken);
    expect(vault.open(vault.seal('another', elsewhere), elsewhere)).toBe('another');
  });

  test('does not open with any one bit flipped', () => {
    const parts = vault.seal('a token', place).split('.');
    for (const part of [2, 3]) {
      const bytes = Buffer.from(parts[part]!, 'base64url');
      for (let bit = 0; bit < bytes.length * 8; bit += 1) {
        const flipped = Buffer.from(bytes);
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        const changed = parts.with(part, flipped.toString('base64url')).join('.');
        expect(() => vault.open(changed, place)).toThrow(SealBroken);
      }
    }
  });

  test('does not open under another key id, cut short, or as plain text', () => {
    const sealed = vault.seal('a token', place);
    const wrong = [sealed.replace(ring.primary.kid, old.primary.kid), sealed.slice(0, -1), sealed.slice(0, 45)];
    for (const text of [...wrong, sealed.replace('v1', 'v2'), `${sealed}.x`, 'a token', '', '....']) {
      expect(() => vault.open(text, place)).toThrow(SealBroken);
    }
  });

  test('that does not open tells neither key nor secret', () => {
    const sealed = vault.seal('a token', place);
    const fault = (() => {
      try {
        return vault.open(sealed, other);
      } catch (error) {
        return error;
      }
    })();
    expect(fault).toMatchObject({ code: 'unexpected', facts: { table: 'grant', column: 'sealed_access_token' } });
    expect(String(fault)).not.toContain('a token');
  });
});

describe('a fingerprint', () => {
  test('is the same for the same secret and key only, and is found after a rotation', () => {
    expect(fingerprint(ring, 'one')).toMatch(/^[0-9a-f]{64}$/);
    expect(fingerprint(ring, 'one')).toBe(fingerprint(ring, 'one'));
    expect(fingerprint(ring, 'one')).not.toBe(fingerprint(ring, 'two'));
    expect(fingerprint(old, 'one')).not.toBe(fingerprint(ring, 'one'));
    expect(fingerprints(ring, 'one')).toContain(fingerprint(old, 'one'));
  });
});

describe('an opaque token', () => {
  test('is 32 random bytes and is known by its hash', () => {
    const token = newToken(systemRandom);
    expect(Buffer.from(token, 'base64url')).toHaveLength(32);
    expect(newToken(systemRandom)).not.toBe(token);
    expect(hashToken('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(isSame('abc', 'abc')).toBe(true);
    expect(isSame('abc', 'abd') || isSame('abc', 'abcd') || isSame('', 'a')).toBe(false);
  });

  test('of a form belongs to one session, before and after a rotation', () => {
    const token = csrfToken(old, 'session-1');
    expect(isCsrfToken(ring, 'session-1', token)).toBe(true);
    expect(isCsrfToken(ring, 'session-2', token)).toBe(false);
    expect(isCsrfToken(old, 'session-1', csrfToken(ring, 'session-1'))).toBe(false);
  });
});
