import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const ROOT = join(import.meta.dirname, '..');
const PLANTED: Readonly<Record<string, string>> = {
  'no-floating-promises': `async function work() {}\nexport function start() { work(); }`,
  'no-misused-promises': `async function work() {}\nexport const timer = setTimeout(work, 1);\n[1].forEach(async () => work());`,
  'await-thenable': `export async function wait() { await 1; }`,
  'no-explicit-any': `export const open = (value: any) => value;`,
  'no-console': `console.log('here');\nexport {};`,
  'no-process-env': `export const home = process.env['HOME'];`,
};

describe('the linter, with types', () => {
  test.each(Object.entries(PLANTED))('catches %s', async (rule, source) => {
    const report = await lint({ [`src/services/${rule}.ts`]: source });

    expect(report).toMatchObject({ code: 1, rules: expect.arrayContaining([expect.stringContaining(rule)]) });
  });

  test('has nothing against a file in order', async () => {
    const fine = `export const one = 1;`;
    const settings = `export const home = process.env['HOME'];`;

    const report = await lint({ 'src/one.ts': fine, 'src/config.ts': settings, 'test/one.test.ts': settings });

    expect(report).toEqual({ code: 0, rules: [] });
  });
});

async function lint(files: Record<string, string>): Promise<{ code: number; rules: string[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'callbook-lint-'));
  try {
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    for (const name of ['.oxlintrc.json', 'tsconfig.json', 'package.json'])
      await cp(join(ROOT, name), join(folder, name));
    for (const [name, source] of Object.entries(files)) {
      await mkdir(join(folder, name, '..'), { recursive: true });
      await writeFile(join(folder, name), `${source}\n`);
    }
    return await runLint(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function runLint(folder: string): Promise<{ code: number; rules: string[] }> {
  const oxlint = join(ROOT, 'node_modules/oxlint/bin/oxlint');
  const args = [oxlint, '--type-aware', '--deny-warnings', '--format', 'json', '.'];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: folder }, (error, stdout) => {
      const { diagnostics } = JSON.parse(stdout) as { diagnostics: { code: string }[] };
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, rules: diagnostics.map(({ code }) => code) });
    });
  });
}
