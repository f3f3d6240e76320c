import { expect, test } from '@jest/globals';
import { bodyFacts } from '../../../src/web/presenters/body-facts.ts';

const SENT = { size: 14, sha256: 'aa', truncated: false, wireBytes: null, wireSha256: null };
const listed = (facts: Parameters<typeof bodyFacts>[0]) => bodyFacts(facts).map(({ name, text }) => `${name}: ${text}`);

test('a body that was sent has the size and hash of what is kept', () => {
  expect(listed(SENT)).toEqual(['Kept: 14 bytes', 'SHA-256, kept: aa']);
});

test('one that came in a coding has both sizes', () => {
  expect(listed({ ...SENT, size: 2048, wireBytes: 1, wireSha256: 'bb' })).toEqual([
    'Kept: 2.0 KiB (2,048 bytes)',
    'SHA-256, kept: aa',
    'On the wire: 1 byte',
    'SHA-256, wire: bb',
  ]);
});

test('one that was cut off has the length and hash of all that came', () => {
  expect(listed({ ...SENT, truncated: true, wireBytes: 390_000, wireSha256: 'bb' })).toEqual([
    'Kept: the first 14 bytes',
    'SHA-256, kept: aa',
    'On the wire: 381 KiB (390,000 bytes) in all',
    'SHA-256, wire: bb',
  ]);
});

test('one with a secret in it, or from a file, says why the hash of the wire is missing', () => {
  expect(listed({ ...SENT, wireBytes: 14 }).at(-1)).toBe(
    'SHA-256, wire: not on record: something was masked, or the call was imported',
  );
});
