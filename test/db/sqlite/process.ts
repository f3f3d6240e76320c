import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** Another process of ours, running a script beside this file; it ends with the block that opened it. */
export interface OtherProcess extends AsyncDisposable {
  readonly child: ChildProcessWithoutNullStreams;
  /** Resolves with the next thing the process says. */
  heard(): Promise<string>;
  /** Ends its standard input and waits for it to exit; gives back its exit code. */
  end(): Promise<number | null>;
  kill(): Promise<void>;
}

/** Starts `script` with Node. What it writes to standard error comes with the error of `heard`. */
export function startProcess(script: string, ...args: string[]): OtherProcess {
  const child = spawn(process.execPath, [join(import.meta.dirname, script), ...args]);
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const said = child.stdout.setEncoding('utf8')[Symbol.asyncIterator]() as AsyncIterator<string, undefined>;
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  const kill = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  return {
    child,
    async heard() {
      const { value } = await said.next();
      if (value === undefined) throw new Error(`The process said nothing. ${complaints}`);
      return value.trim();
    },
    async end() {
      child.stdin.end();
      const [code] = await exited;
      return code;
    },
    kill,
    [Symbol.asyncDispose]: kill,
  };
}
