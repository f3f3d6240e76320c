import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { glob, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const ROOT = join(import.meta.dirname, '..');
const FINE = `test('fine', () => new Promise((resolve) => setTimeout(resolve, 100)));`;
const FILE = `
import { existsSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc');
const file = tmpdir() + '/callbook-planted-' + process.pid;
const opened = async () => '/dev/fd/' + (await open(file, 'w')).fd;`;
const LEFT_OUT =
  /\b(?:test|it|describe)(?:\.\w+)*\.(?:only|skip|todo|failing)\b|\b(?:x(?:test|it|describe)|f(?:it|describe))\(/;
const EXACT = /^(?:npm:[^@]+@)?\d+\.\d+\.\d+$/;

describe('a suite in which nobody catches', () => {
  test.each([
    ['a rejection in a test', `test('t', () => { void Promise.reject(new Error('planted')); });`],
    ['an error right after a test', `test('t', () => { setImmediate(() => { throw new Error('planted'); }); });`],
    ['a rejection while the file loads', `void Promise.reject(new Error('planted')); ${FINE}`],
    [
      'an error long after the file',
      `test('t', () => { setTimeout(() => { throw new Error('planted'); }, 400); });`,
      'after its test file had ended',
    ],
  ])('%s fails the run and says what it was', async (_what, source, where = 'planted.test.ts') => {
    const { code, output } = await runSuite({ 'planted.test.ts': source });

    expect(code).toBe(1);
    expect(output).toContain('planted');
    expect(output).toContain(where);
  });

  test('nothing passes', async () => {
    expect(await runSuite({ 'planted.test.ts': FINE })).toMatchObject({ code: 0 });
  });
});

describe('a suite that leaves behind', () => {
  test.each([
    [
      'a file that was removed while it was open',
      `${FILE} test('t', async () => { await opened(); rmSync(file); });`,
      'This file was removed and is open',
    ],
    [
      'a file that only the collector closes',
      `${FILE} test('t', async () => { for (const fd = await opened(); existsSync(fd); await turn()) gc(); rmSync(file); });`,
      'DEP0137',
    ],
    [
      'listeners without end',
      `test('t', () => { for (let at = 0; at < 11; at += 1) process.once('planted', () => {}); });`,
      'MaxListenersExceededWarning',
    ],
  ])('%s fails and says what it was', async (_what, source, sentence) => {
    const { code, output } = await runSuite({ 'planted.test.ts': source });

    expect(code).toBe(1);
    expect(output.slice(output.indexOf('Nobody caught or closed this'))).toContain(sentence);
  });
});

describe('the test files', () => {
  test('leave no test out', async () => {
    const found: string[] = [];
    for await (const file of glob('test/**/*.ts', { cwd: ROOT })) {
      if (LEFT_OUT.test(await readFile(join(ROOT, file), 'utf8'))) found.push(file);
    }

    expect(found).toEqual([]);
  });

  test.each(['skip(', 'only(', 'todo(', 'only.each(', 'failing('])('would be caught with test.%s', (call) =>
    expect(LEFT_OUT.test(`test.${call}`)).toBe(true),
  );
});

describe('the packages that are asked for', () => {
  test('have one exact version each', async () => {
    expect(Object.entries(await askedFor()).filter(([, version]) => !EXACT.test(version))).toEqual([]);
  });

  test.each(['^3.0.0', '~3.0.0', '3.0', '3.x', '*', 'latest', '>=3.0.0', '3.0.0 - 3.1.0', 'npm:kysely@^0.29.6'])(
    'would be caught with %s',
    (range) => expect(range).not.toMatch(EXACT),
  );
});

describe('the pages', () => {
  test('name no file of ours that is not there', async () => {
    const named: string[] = [];
    for await (const page of glob(['README.md', 'CONTRIBUTING.md', 'docs/*.md'], { cwd: ROOT })) {
      const text = await readFile(join(ROOT, page), 'utf8');
      named.push(...[...text.matchAll(/`((?:src|test|docs)\/[\w./-]+)`/g)].map(([, path = '']) => path));
    }

    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});

describe('the page of dependencies', () => {
  test('has a reason for every package that is asked for, and for no other', async () => {
    const page = await readFile(join(ROOT, 'docs/dependencies.md'), 'utf8');
    const rows = page.split('\n').filter((line) => line.startsWith('| `'));
    const named = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name));

    expect(named.toSorted()).toEqual(Object.keys(await askedFor()).toSorted());
  });
});

/** Each package's name with the version that `package.json` asks for. */
async function askedFor(): Promise<Record<string, string>> {
  const { dependencies, optionalDependencies, devDependencies } = JSON.parse(
    await readFile(join(ROOT, 'package.json'), 'utf8'),
  ) as Record<string, Record<string, string>>;
  return { ...dependencies, ...optionalDependencies, ...devDependencies };
}

async function runSuite(files: Record<string, string>): Promise<{ code: number; output: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'callbook-suite-'));
  const config = {
    rootDir: folder,
    transform: {},
    extensionsToTreatAsEsm: ['.ts'],
    testEnvironment: join(ROOT, 'test/support/unhandled.ts'),
    globalSetup: join(ROOT, 'test/support/unhandled-watch.ts'),
  };
  try {
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
    await writeFile(join(folder, 'jest.config.json'), JSON.stringify(config));
    for (const [name, source] of Object.entries(files)) {
      await writeFile(join(folder, name), `import { test } from '@jest/globals';\n${source}\n`);
    }
    return await runJest(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function runJest(folder: string): Promise<{ code: number; output: string }> {
  const jest = join(ROOT, 'node_modules/jest/bin/jest.js');
  const args = ['--experimental-vm-modules', jest, '--runInBand', '--config', join(folder, 'jest.config.json')];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: folder }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr });
    });
  });
}
