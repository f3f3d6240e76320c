import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { UNHANDLED_FILE } from './unhandled.ts';

/** Before all tests: makes the file for what nobody catches, and fails the run at its very end if something is in it. */
export default function watch(): void {
  const file = join(mkdtempSync(join(tmpdir(), 'callbook-unhandled-')), 'found');
  writeFileSync(file, '');
  process.env[UNHANDLED_FILE] = file;
  process.on('exit', () => {
    const found = readFileSync(file, 'utf8');
    rmSync(dirname(file), { recursive: true, force: true });
    if (found === '') return;
    process.stderr.write(`\nNobody caught or closed this, and it came after its test file had ended:\n${found}`);
    process.exitCode = 1;
  });
}
