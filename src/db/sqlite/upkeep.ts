import { stat } from 'node:fs/promises';
import { Thread } from './thread.ts';

/** Smaller logs are no work for a thread. */
const LARGE_BYTES = 4 * 1024 * 1024;

/** `pages` is how many of them are merged at most. */
export type UpkeepTask = { readonly what: 'checkpoint' } | { readonly what: 'merge'; readonly pages: number };

/**
 * Looks after the database file in a thread with a connection of its own: on the server's connection that work would hold
 * up everybody, for as long as the disk takes or as there is to merge.
 */
export class Upkeep {
  readonly #log: string;
  readonly #thread: Thread<UpkeepTask, boolean>;

  /** `path` is the database's. */
  constructor(path: string) {
    this.#log = `${path}-wal`;
    this.#thread = new Thread(new URL('./upkeep-worker.ts', import.meta.url), { path });
  }

  /** Moves the log of writes into the file, where it holds much that is not there yet; gives whether it did. */
  async checkpoint(): Promise<boolean> {
    return (await sizeOf(this.#log)) >= LARGE_BYTES && this.#thread.ask({ what: 'checkpoint' });
  }

  /** Merges some pages of the index of words, and drops from them what was deleted; gives whether more is left. */
  async mergeWords(pages: number): Promise<boolean> {
    return this.#thread.ask({ what: 'merge', pages });
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
