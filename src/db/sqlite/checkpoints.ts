import { stat } from 'node:fs/promises';
import { Thread } from './thread.ts';

/** Smaller logs are no work for a thread. */
const LARGE_BYTES = 4 * 1024 * 1024;

/**
 * Moves the log of writes into the database file, in a thread with a connection of its own: where a commit does that, the
 * disk holds up everybody for as long as it takes.
 */
export class Checkpoints {
  readonly #log: string;
  readonly #thread: Thread<null, boolean>;

  /** `path` is the database's. */
  constructor(path: string) {
    this.#log = `${path}-wal`;
    this.#thread = new Thread(new URL('./checkpoint-worker.ts', import.meta.url), { path });
  }

  /** Does so where the log holds much that is not in the file yet; gives whether it did. */
  async run(): Promise<boolean> {
    return (await sizeOf(this.#log)) >= LARGE_BYTES && this.#thread.ask(null);
  }

  close(): Promise<void> {
    return this.#thread.close();
  }
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}
