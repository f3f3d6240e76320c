import { TooMany } from '../../../kernel/errors.ts';
import type { Search, SearchReply, SearchWish } from '../../../kernel/search.ts';
import { Thread } from '../thread.ts';
import type { Limits } from './finder.ts';

const LIMITS: Limits = { findMs: 1000, hitsMs: 500 };
/** Searches that may wait for the one under way. */
const LINE = 32;

interface Parts {
  /** Of the database file. */
  readonly path: string;
  readonly limits?: Limits;
  readonly line?: number;
}

/** Searches one after another in a thread that reads the database by itself, so that a search holds up nobody but the next. */
export class SearchThread implements Search {
  readonly #thread: Thread<SearchWish, SearchReply>;
  readonly #line: number;
  #waiting = 0;

  constructor({ path, limits = LIMITS, line = LINE }: Parts) {
    this.#thread = new Thread(new URL('./search-worker.ts', import.meta.url), { path, limits });
    this.#line = line;
  }

  async find(wish: SearchWish): Promise<SearchReply> {
    if (this.#waiting > this.#line) throw new TooMany('Too many searches wait already. Try again in a moment.', 1);
    this.#waiting += 1;
    try {
      return await this.#thread.ask(wish);
    } finally {
      this.#waiting -= 1;
    }
  }

  close(): Promise<void> {
    return this.#thread.close();
  }
}
