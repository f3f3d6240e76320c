import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** The owner that `runApp` makes. */
export const OWNER = { email: 'owner@example.org', password: 'correct horse battery staple' } as const;

/** Callbook as a process of its own, started as a person starts it. */
export interface RunningApp extends AsyncDisposable {
  readonly origin: string;
  readonly pid: number;
  /** Its data; kept when it was given, removed with the app when it was not. */
  readonly folder: string;
  /** Everything it has printed so far, log lines included. */
  printed(): string;
  /** Ends it and gives back its exit code; null after a signal it did not catch. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** How the process is started; `env` is added to what stands here. */
export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly folder?: string;
}

/** Starts the app on a free port of 127.0.0.1, with an owner, and waits until it listens. */
export async function runApp({ env = {}, folder }: RunOptions = {}): Promise<RunningApp> {
  if (folder !== undefined) await mkdir(folder, { recursive: true });
  const data = folder ?? (await mkdtemp(join(tmpdir(), 'callbook-app-')));
  const child = spawn(process.execPath, [join(ROOT, 'src/callbook.js'), 'start'], {
    cwd: data,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'] ?? '',
      PORT: '0',
      PRACTICE: 'off',
      DATABASE_URL: `sqlite:${join(data, 'callbook.db')}`,
      OWNER_EMAIL: OWNER.email,
      OWNER_PASSWORD: OWNER.password,
      ...env,
    },
  });
  let text = '';
  const origin = await address(child, (chunk) => (text += chunk));
  const stop = (signal: NodeJS.Signals = 'SIGTERM') => ended(child, signal);
  return {
    origin,
    pid: child.pid ?? 0,
    folder: data,
    printed: () => text,
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop('SIGKILL');
      if (folder === undefined) await rm(data, { recursive: true });
    },
  };
}

function address(child: ChildProcess, keep: (chunk: string) => string): Promise<string> {
  const found = Promise.withResolvers<string>();
  let isFound = false;
  let text = '';
  const read = (chunk: Buffer) => {
    text = keep(chunk.toString());
    const match = isFound ? null : /http:\/\/127\.0\.0\.1:\d+/.exec(text);
    if (!match) return;
    isFound = true;
    found.resolve(match[0]);
  };
  child.stdout?.on('data', read);
  child.stderr?.on('data', read);
  child.once('exit', (code) => found.reject(new Error(`Callbook ended with ${code} before it listened: ${text}`)));
  return found.promise;
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }
  return child.exitCode;
}
