import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll } from '@jest/globals';
import type { Asked, Said } from './warm-program.ts';

/** The program as a person starts it. */
export const PROGRAM = join(import.meta.dirname, '../../src/callbook.js');

/** What a command came to. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly bytes: Buffer;
  readonly err: string;
}

/** How a command is started. */
export interface Surroundings {
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Uint8Array;
}

/**
 * Runs `callbook` beside this process, with its data in `folder`, and waits for its end: one command after the other in
 * a process that is warm already. What a signal or a closed pipe does is for `startCallbook` to show.
 */
export async function callbook(args: readonly string[], { folder, env, stdin = '' }: Surroundings): Promise<Ended> {
  const number = (asked += 1);
  const answered = Promise.withResolvers<Said>();
  waiting.set(number, answered);
  const bytesIn = Buffer.from(stdin).toString('base64');
  program().send({ number, args, folder, env: environment(folder, env), stdin: bytesIn } satisfies Asked);
  const { code, out, err } = await answered.promise;
  const bytes = Buffer.from(out, 'base64');
  return { code, bytes, out: bytes.toString(), err: Buffer.from(err, 'base64').toString() };
}

/** Starts `callbook` as a process of its own and leaves it to the caller. */
export function startCallbook(args: readonly string[], { folder, env }: Surroundings): ChildProcess {
  return spawn(process.execPath, [PROGRAM, ...args], { cwd: folder, env: environment(folder, env) });
}

function environment(folder: string, env: Surroundings['env']): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    PORT: '0',
    PRACTICE: 'off',
    DATABASE_URL: `sqlite:${join(folder, 'callbook.db')}`,
    ...env,
  };
}

let asked = 0;
let warm: ChildProcess | undefined;
const waiting = new Map<number, PromiseWithResolvers<Said>>();

/** One for a test file. */
function program(): ChildProcess {
  if (warm) return warm;
  warm = fork(join(import.meta.dirname, 'warm-program.ts'), { execArgv: [] });
  warm.on('message', (said: Said) => waiting.get(said.number)?.resolve(said));
  warm.once('exit', (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`The warm program ended with ${code}.`));
  });
  return warm;
}

afterAll(() => warm?.disconnect());

/** Waits for the end of a command that was started. */
export async function ended(child: ChildProcess, stdin: string | Uint8Array = ''): Promise<Ended> {
  const { stdin: into, stdout, stderr } = child;
  if (!into || !stdout || !stderr) throw new Error('The command has no pipes.');
  const exited = once(child, 'exit') as Promise<[number | null]>;
  into.on('error', () => {});
  into.end(stdin);
  const [bytes, err, [code]] = await Promise.all([buffer(stdout), buffer(stderr), exited]);
  return { code, bytes, out: bytes.toString(), err: err.toString() };
}

/** A folder of its own for a test. */
export async function openFolder(): Promise<{ readonly folder: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'callbook-cli-'));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}
