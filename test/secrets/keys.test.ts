import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { systemRandom } from '../../src/kernel/ids.ts';
import { checkValues, whichKeysMatch, WrongAppKey } from '../../src/secrets/key-check.ts';
import { loadKeys, UnusableKeys } from '../../src/secrets/keys.ts';

const KEYS = new URL('../../src/secrets/keys.ts', import.meta.url).href;
const A = Buffer.alloc(32, 1).toString('base64');
const B = Buffer.alloc(32, 2).toString('base64');

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'callbook-keys-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const file = () => join(folder, 'data', 'app.key');
const load = (appKey: string | null) => loadKeys({ appKey, file: file(), random: systemRandom });

describe('APP_KEY', () => {
  test('gives the same key ids every time, the first for sealing', () => {
    const both = load(`${A}, ${B}`);
    expect(both.primary.kid).toBe(load(A).primary.kid);
    expect(both.keys.map(({ kid }) => kid)).toEqual([load(A).primary.kid, load(B).primary.kid]);
    expect(both.find(load(B).primary.kid)).toBe(both.keys[1]);
    expect(load(`${A},${A}`).keys).toHaveLength(1);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('gives every purpose a key of its own', () => {
    const key = load(A).primary;
    const purposes = ['field-enc', 'csrf', 'fingerprint', 'spill', 'key-check'] as const;
    const derived = purposes.map((purpose) => key.for(purpose).export().toString('hex'));
    expect(new Set([...derived, Buffer.from(A, 'base64').toString('hex')]).size).toBe(6);
  });

  test.each([
    ['nothing', ''],
    ['an empty part', `${A},`],
    ['what is not base64', 'not base64 at all, is it'],
    ['31 bytes', Buffer.alloc(31, 3).toString('base64')],
    ['33 bytes', Buffer.alloc(33, 3).toString('base64')],
    ['hexadecimal', Buffer.alloc(32, 3).toString('hex')],
  ])('refuses %s without telling it', (_, appKey) => {
    const attempt = () => load(appKey);
    expect(attempt).toThrow(UnusableKeys);
    expect(attempt).toThrow(/openssl rand -base64 32/);
    if (appKey) expect(attempt).not.toThrow(appKey.slice(0, 12));
  });

  test('is nowhere to be seen when a ring is printed', () => {
    const ring = load(A);
    ring.primary.for('csrf');
    const shown = inspect(ring, { depth: 9, showHidden: true }) + JSON.stringify(ring);
    expect(shown).not.toContain(A.slice(0, 20));
    expect(shown).not.toContain('01010101');
    expect(shown).not.toContain('01 01 01 01');
  });
});

describe('a key file', () => {
  test('is made at the first start, for the owner alone, and read at the next', () => {
    const { kid } = load(null).primary;
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(load(null).primary.kid).toBe(kid);
    expect(load(readFileSync(file(), 'utf8').trim()).primary.kid).toBe(kid);
    expect(readdirSync(join(folder, 'data'))).toEqual(['app.key']);
  });

  test.each(['604', '640', '660'])('with mode %s is refused', (mode) => {
    load(null);
    chmodSync(file(), Number.parseInt(mode, 8));
    expect(() => load(null)).toThrow(/chmod 600/);
  });

  test('that holds something else is refused and stays as it is', () => {
    load(null);
    writeFileSync(file(), 'half a ke');
    expect(() => load(null)).toThrow(UnusableKeys);
    expect(readFileSync(file(), 'utf8')).toBe('half a ke');
  });

  test('is the same one for processes that start together', async () => {
    const program = `import { loadKeys } from ${JSON.stringify(KEYS)};
      import { randomBytes } from 'node:crypto';
      process.stdin.once('data', () => {
        process.stdout.write(loadKeys({ appKey: null, file: ${JSON.stringify(file())}, random: randomBytes }).primary.kid);
        process.exit(0);
      });
      process.stdout.write('ready ');`;
    const starts = Array.from({ length: 6 }, () =>
      spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['pipe', 'pipe', 'inherit'] }),
    );
    const told = starts.map(() => '');
    for (const [at, { stdout }] of starts.entries()) stdout.on('data', (text) => (told[at] += String(text)));
    await Promise.all(starts.map(({ stdout }) => once(stdout, 'data')));
    const ends = starts.map((start) => once(start, 'close'));
    for (const { stdin } of starts) stdin.write('go');
    await Promise.all(ends);

    expect(new Set(told)).toEqual(new Set([`ready ${load(null).primary.kid}`]));
    expect(readdirSync(join(folder, 'data'))).toEqual(['app.key']);
  });
});

describe('the check values of a database', () => {
  test('are stored for a new one, and match at the next start', () => {
    const { toStore } = whichKeysMatch(load(A), []);
    expect(toStore).toEqual(checkValues(load(A)));
    expect(whichKeysMatch(load(A), toStore)).toEqual({ matching: [load(A).primary.kid], toStore: [] });
    expect(JSON.stringify(toStore)).not.toContain(A);
  });

  test('get a new first key added while the old one stays', () => {
    const stored = checkValues(load(A));
    expect(whichKeysMatch(load(`${B},${A}`), stored)).toEqual({
      matching: [load(A).primary.kid],
      toStore: checkValues(load(B)),
    });
  });

  test('refuse a key that is not theirs, and a ring that lacks one of theirs', () => {
    expect(() => whichKeysMatch(load(B), checkValues(load(A)))).toThrow(WrongAppKey);
    expect(() => whichKeysMatch(load(B), checkValues(load(`${A},${B}`)))).toThrow(load(A).primary.kid);
  });

  test('refuse a key id whose value does not fit', () => {
    const [stored] = checkValues(load(A));
    expect(() => whichKeysMatch(load(A), [{ kid: stored!.kid, value: 'f'.repeat(64) }])).toThrow(WrongAppKey);
  });
});
