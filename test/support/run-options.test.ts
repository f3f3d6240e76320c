import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../..');
const RUNS = [
  ['npm run faults', 'test/faults/faults.ts', 'K4'],
  ['npm run bench', 'test/bench/bench.ts', 'W4'],
] as const;

describe.each(RUNS)('%s', (name, file, known) => {
  test('says how it is started where that is asked for', async () => {
    expect(await ended(file, '--help')).toEqual({
      code: 0,
      out: expect.stringContaining(`${name} -- [--`),
      err: '',
    });
  }, 30_000);

  test.each([
    ['an option that it does not have', ['--nonsense'], "'--nonsense'"],
    ['a value that is left out', ['--only'], "'--only <value>' argument missing"],
    ['a name that nothing has', ['--only', `${known},X9,X10`], '--only: there is no X9, X10. There are '],
    ['what is no number', [name.endsWith('faults') ? '--kills' : '--exchanges', 'many'], 'write a number above zero.'],
  ])(
    'refuses %s, and begins nothing',
    async (_what, args, says) => {
      const { code, out, err } = await ended(file, ...args);

      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).toContain(says);
      expect(err).toContain(`${name} -- [--`);
      expect(err).not.toContain('    at ');
    },
    30_000,
  );
});

function ended(file: string, ...args: string[]) {
  return new Promise<{ code: unknown; out: string; err: string }>((resolve) => {
    execFile(process.execPath, [join(ROOT, file), ...args], { cwd: ROOT }, (error, out, err) =>
      resolve({ code: error ? error.code : 0, out, err }),
    );
  });
}
