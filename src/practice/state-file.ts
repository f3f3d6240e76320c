import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { PracticeState } from './practice-state.ts';

const OWNER_ONLY = 0o600;

/** The state file is there and cannot be read as one. Nothing was overwritten. */
export class PracticeStateUnreadable extends Error {
  readonly path: string;

  constructor(path: string, options?: ErrorOptions) {
    super(`The practice API cannot read its state in ${path}. Move the file away to begin anew.`, options);
    this.name = 'PracticeStateUnreadable';
    this.path = path;
  }
}

/** The state in memory and, after `flush`, on disk: whole or not at all, for its owner only. */
export class StateFile {
  readonly state: PracticeState;
  readonly #path: string;
  #changes = 0;
  #written = 0;
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, state: PracticeState) {
    this.#path = path;
    this.state = state;
  }

  /** Reads the file, or begins with `first` and writes that. Throws `PracticeStateUnreadable`. */
  static async open(path: string, first: () => PracticeState): Promise<StateFile> {
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw new PracticeStateUnreadable(path, { cause: error });
    });
    const file = new StateFile(path, text === null ? first() : parsed(path, text));
    if (text === null) file.touch();
    await file.flush();
    return file;
  }

  /** Says that the state was changed. */
  touch(): void {
    this.#changes += 1;
  }

  /** Resolves when every change made until now is on disk. Changes made meanwhile share the next write. */
  flush(): Promise<void> {
    const wanted = this.#changes;
    const write = () => (this.#written >= wanted ? undefined : this.#write());
    this.#writing = this.#writing.then(write, write);
    return this.#writing;
  }

  async #write(): Promise<void> {
    const upTo = this.#changes;
    const text = JSON.stringify(this.state);
    const beside = `${this.#path}.new`;
    await mkdir(dirname(this.#path), { recursive: true });
    const file = await open(beside, 'w', OWNER_ONLY);
    try {
      await file.chmod(OWNER_ONLY);
      await file.writeFile(text);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(beside, this.#path);
    this.#written = upTo;
  }
}

function parsed(path: string, text: string): PracticeState {
  try {
    const state = JSON.parse(text) as PracticeState;
    if (state.version === 1 && state.client.secret && state.entries && state.orders) return state;
  } catch (cause) {
    throw new PracticeStateUnreadable(path, { cause });
  }
  throw new PracticeStateUnreadable(path);
}
