import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** A process of the benchmark that is talked to in messages, one answer to each. */
export interface Child extends AsyncDisposable {
  readonly pid: number;
  ask<Answer>(message: object): Promise<Answer>;
}

/** Starts a file of this folder as a process of its own. */
export async function startChild(file: string, args: readonly string[] = []): Promise<Child> {
  const child = fork(join(import.meta.dirname, file), args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  await once(child, 'spawn');
  return {
    pid: child.pid ?? 0,
    ask: <Answer>(message: object) => ask<Answer>(child, message),
    [Symbol.asyncDispose]: () => end(child),
  };
}

/** Ends a process of ours and waits until it is gone. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await gone;
  clearTimeout(late);
}

/** Inside a child: answers every message, and leaves when the parent does. */
export function answerMessages(answer: (message: never) => Promise<object>): void {
  process.on('message', (message) => {
    answer(message as never).then(
      (value) => process.send?.({ value }),
      (error: unknown) => process.send?.({ error: error instanceof Error ? error.stack : String(error) }),
    );
  });
  process.on('disconnect', () => process.exit());
}

async function ask<Answer>(child: ChildProcess, message: object): Promise<Answer> {
  const gone = new AbortController();
  const answer = once(child, 'message', { signal: gone.signal });
  const death = () => gone.abort(new Error('The process ended before it answered.'));
  child.once('exit', death);
  child.send(message);
  const [{ value, error }] = (await answer) as [{ value?: Answer; error?: string }];
  child.off('exit', death);
  if (value === undefined) throw new Error(error);
  return value;
}
