import { appendFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { inspect } from 'node:util';
import type { EnvironmentContext, JestEnvironmentConfig } from '@jest/environment';
import { TestEnvironment } from 'jest-environment-node';
import { goneAndOpen, isOfLeak } from './left-open.ts';

/** Where the processes of one run note what nobody caught; see `unhandled-watch.ts`. */
export const UNHANDLED_FILE = 'CALLBOOK_TEST_UNHANDLED';

/** What the file that runs now has left uncaught; none between files. */
let running: unknown[] | undefined;

/**
 * Node's environment, and a test file in it fails when a promise was rejected or an error thrown with nobody to catch it,
 * whenever that happened, and when a file was left open or listeners were added without end. Jest itself listens only while
 * a test is under way, and otherwise the process dies without a word about the file. What comes later than the file's end
 * fails the run.
 */
export default class UnhandledEnvironment extends TestEnvironment {
  readonly #file: string;
  readonly #found: unknown[] = [];
  readonly #openBefore = goneAndOpen();

  constructor(config: JestEnvironmentConfig, context: EnvironmentContext) {
    super(config, context);
    this.#file = context.testPath;
  }

  override async setup(): Promise<void> {
    running = this.#found;
    if (!process.listeners('unhandledRejection').includes(note)) {
      process.on('unhandledRejection', note);
      process.on('uncaughtException', note);
      process.on('warning', noteLeak);
    }
    await super.setup();
  }

  override async teardown(): Promise<void> {
    await turn();
    await turn();
    running = undefined;
    await super.teardown();
    const left = goneAndOpen().filter((file) => !this.#openBefore.includes(file));
    this.#found.push(...left.map((file) => new Error(`This file was removed and is open: ${file}`)));
    if (this.#found.length > 0) throw new AggregateError(this.#found, this.#sentence());
  }

  #sentence(): string {
    const what = this.#found.map((reason) => inspect(reason)).join('\n');
    return `Nobody caught or closed this while ${this.#file} ran (a file before it may have left it behind):\n${what}`;
  }
}

function noteLeak(warning: Error): void {
  if (isOfLeak(warning)) note(warning);
}

function note(reason: unknown): void {
  if (running) return void running.push(reason);
  const file = process.env[UNHANDLED_FILE];
  if (!file) throw reason;
  appendFileSync(file, `${inspect(reason)}\n`);
}
