import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { TooMany } from '../../../kernel/errors.ts';
import type { Search, SearchReply, SearchWish } from '../../../kernel/search.ts';
import type { Limits } from './finder.ts';

/** What the thread says of a search. */
export type SearchAnswer = { readonly reply: SearchReply } | { readonly error: unknown };

const LIMITS: Limits = { findMs: 1000, hitsMs: 500 };
/** Searches that may wait for the one under way. */
const LINE = 32;

interface Parts {
  /** Of the database file. */
  readonly path: string;
  readonly limits?: Limits;
  readonly line?: number;
}

interface Thread {
  readonly worker: Worker;
  readonly ended: AbortSignal;
}

/** Searches one after another in a thread that reads the database by itself; it is started by the first search. */
export class SearchThread implements Search {
  readonly #parts: Parts;
  #thread: Thread | null = null;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async find(wish: SearchWish): Promise<SearchReply> {
    if (this.#waiting > (this.#parts.line ?? LINE))
      throw new TooMany('Too many searches wait already. Try again in a moment.', 1);
    this.#waiting += 1;
    const turn = this.#last.then(() => this.#inTurn(wish));
    this.#last = turn.catch(() => null).finally(() => (this.#waiting -= 1));
    return turn;
  }

  async close(): Promise<void> {
    await this.#thread?.worker.terminate();
  }

  async #inTurn(wish: SearchWish): Promise<SearchReply> {
    const { worker, ended } = (this.#thread ??= this.#started());
    worker.postMessage(wish, []);
    const [answer] = (await once(worker, 'message', { signal: ended })) as [SearchAnswer];
    if ('error' in answer) throw answer.error;
    return answer.reply;
  }

  /** A thread that ends is replaced by the next search; the one under way fails. */
  #started(): Thread {
    const { path, limits = LIMITS } = this.#parts;
    const worker = new Worker(new URL('./search-worker.ts', import.meta.url), {
      workerData: { path, limits },
      env: {},
      execArgv: [],
    });
    const end = new AbortController();
    worker.unref();
    worker.once('exit', () => {
      this.#thread = null;
      end.abort(new Error('The search ended before it had an answer.'));
    });
    return { worker, ended: end.signal };
  }
}
