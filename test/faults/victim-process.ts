import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Life, Question, Replies } from './life.ts';

/** The parent's end of a process that is there to be ended. */
export class Victim implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  /** Resolves when it is no more, with the signal that ended it, or null. */
  readonly gone: Promise<NodeJS.Signals | null>;
  #printed = '';
  #asked = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', ({ id, reply, fault }: { id: number; reply?: unknown; fault?: string }) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (fault === undefined) waiting?.resolve(reply);
      else waiting?.reject(new Error(fault));
    });
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (this.#printed += text));
    this.gone = (once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>).then(([, signal]) => {
      const why = new Error(`The process ended (${signal}) before it answered. ${this.#printed}`);
      for (const waiting of this.#waiting.values()) waiting.reject(why);
      return signal;
    });
  }

  /** Begins to start one; `ready` says when it lives. */
  static start(life: Life): Victim {
    const child = fork(join(import.meta.dirname, 'victim.ts'), [JSON.stringify(life)], {
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { PATH: process.env['PATH'] ?? '', NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] },
    });
    const victim = new Victim(child);
    void victim.#expect(0);
    return victim;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Everything it has printed so far. */
  printed(): string {
    return this.#printed;
  }

  /** Resolves when it has started, its recovery under way; rejects when it ended first. */
  async ready(): Promise<this> {
    await this.#waiting.get(0)?.promise;
    return this;
  }

  /** Rejects when it ends before it answers. */
  ask<What extends Question>(question: What): Promise<Replies[What['ask']]> {
    this.#asked += 1;
    const answer = this.#expect(this.#asked) as Promise<Replies[What['ask']]>;
    this.#child.send({ id: this.#asked, question });
    return answer;
  }

  /** Asks what it is not to live to answer, and waits for its end. Throws when it lives. */
  async dieOf(question: Question): Promise<void> {
    const lives = this.ask(question).then(
      () => true,
      () => false,
    );
    if (await lives) throw new Error(`A process that was to end at this question answered it: ${question.ask}`);
    await this.gone;
  }

  kill(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.gone;
  }

  #expect(id: number): Promise<unknown> {
    const waiting = Promise.withResolvers<unknown>();
    waiting.promise.catch(() => undefined);
    this.#waiting.set(id, waiting);
    return waiting.promise;
  }
}
