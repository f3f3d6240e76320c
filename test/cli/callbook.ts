import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';

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

/** Runs `callbook` as a process of its own, with its data in `folder`, and waits for its end. */
export async function callbook(args: readonly string[], surroundings: Surroundings): Promise<Ended> {
  return ended(startCallbook(args, surroundings), surroundings.stdin);
}

/** Starts `callbook` and leaves it to the caller. */
export function startCallbook(args: readonly string[], { folder, env = {} }: Surroundings): ChildProcess {
  return spawn(process.execPath, [PROGRAM, ...args], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'] ?? '',
      PORT: '0',
      PRACTICE: 'off',
      DATABASE_URL: `sqlite:${join(folder, 'callbook.db')}`,
      ...env,
    },
  });
}

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
