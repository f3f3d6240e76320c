import { once } from 'node:events';
import { parentPort, Worker } from 'node:worker_threads';

type Told<Answer> = { readonly answer: Answer } | { readonly error: unknown };

interface Running {
  readonly worker: Worker;
  readonly ended: AbortSignal;
}

/** A thread that runs a file of its own and answers one question after another; the first one starts it. */
export class Thread<Question, Answer> {
  readonly #file: URL;
  readonly #data: object;
  #running: Running | null = null;
  #isClosed = false;
  #last: Promise<unknown> = Promise.resolve();

  /** `data` is the thread's `workerData`. */
  constructor(file: URL, data: object) {
    this.#file = file;
    this.#data = data;
  }

  /** Throws what was thrown there, and fails where the thread ends before it has answered, or is closed. */
  ask(question: Question): Promise<Answer> {
    const turn = this.#last.then(() => this.#inTurn(question));
    this.#last = turn.catch(() => null);
    return turn;
  }

  /** For good: the question under way and those that wait for it fail, and so does every later one. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#running?.worker.terminate();
  }

  async #inTurn(question: Question): Promise<Answer> {
    if (this.#isClosed) throw new Error('This thread is closed.');
    const { worker, ended } = (this.#running ??= this.#started());
    worker.postMessage(question, []);
    const [told] = (await once(worker, 'message', { signal: ended }).catch((error: unknown) => {
      ended.throwIfAborted();
      throw error;
    })) as [Told<Answer>];
    if ('error' in told) throw told.error;
    return told.answer;
  }

  /** A thread that ends is replaced by the next question; the one under way fails. */
  #started(): Running {
    const worker = new Worker(this.#file, { workerData: this.#data, env: {}, execArgv: [] });
    const end = new AbortController();
    worker.unref();
    worker.once('exit', () => {
      this.#running = null;
      end.abort(new Error('A thread ended before it had an answer.'));
    });
    return { worker, ended: end.signal };
  }
}

/** Inside such a thread: answers every question. */
export function answerQuestions<Question, Answer>(answer: (question: Question) => Answer): void {
  parentPort?.on('message', (question: Question) => {
    parentPort?.postMessage(
      told(() => answer(question)),
      [],
    );
  });
}

function told<Answer>(answer: () => Answer): Told<Answer> {
  try {
    return { answer: answer() };
  } catch (error) {
    return { error };
  }
}
