import { PassThrough } from 'node:stream';
import { runCommand } from '../../src/cli/run-command.ts';

/** A command for the warm program, and what it says when it is done. Bytes travel as base64. */
export interface Asked {
  readonly number: number;
  readonly args: readonly string[];
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
}

export interface Said {
  readonly number: number;
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs one command as a process of its own would, but for the time that starting takes. */
async function run({ number, args, folder, env, stdin }: Asked): Promise<Said> {
  process.chdir(folder);
  const [into, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  into.end(Buffer.from(stdin, 'base64'));
  const [out, err] = [bytesOf(stdout), bytesOf(stderr)];
  const code = await runCommand(args, { env, stdin: into, stdout, stderr, once: () => {} });
  stdout.end();
  stderr.end();
  return { number, code, out: (await out).toString('base64'), err: (await err).toString('base64') };
}

async function bytesOf(stream: PassThrough): Promise<Buffer> {
  return Buffer.concat(await stream.toArray());
}

/** One after the other: a process holds one database open. */
let last: Promise<unknown> = Promise.resolve();
process.on('message', (asked: Asked) => {
  last = last.then(async () => process.send?.(await run(asked)));
});
process.on('disconnect', () => process.exit());
