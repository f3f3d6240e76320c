import { PassThrough } from 'node:stream';
import { runCommand } from '../../src/cli/run-command.ts';

/** What a command that ran in this process wrote, and its exit code. */
export interface Heard {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command in this process, in no folder of its own: for what needs no data. */
export async function run(args: readonly string[], env: Record<string, string> = {}): Promise<Heard> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const code = await runCommand(args, { env, stdin, stdout, stderr, once: () => {} });
  return { code, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') };
}
