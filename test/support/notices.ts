import type { ScriptedAnswer } from './faults.ts';
import { answerUnder, type Fault } from './faults.ts';
import { type Listening, listen } from './listening.ts';
import { receive, type Received } from './received.ts';

const TAKEN: ScriptedAnswer = { status: 204 };

/** Whoever listens at `NOTIFY_URL`, for real: keeps every request and answers 204 unless told otherwise. */
export class NoticeBoard implements AsyncDisposable {
  readonly requests: Received[] = [];
  readonly #script: Fault[] = [];
  #arrival = Promise.withResolvers<void>();
  #listening: Listening | undefined;

  async start(): Promise<this> {
    this.#listening = await listen(async (request, response) => {
      this.requests.push(await receive(request));
      this.#arrival.resolve();
      await answerUnder(this.#script.shift(), response, () => TAKEN);
    });
    return this;
  }

  /** Its address, which is a secret of the operator's. */
  get url(): string {
    return `${this.#listening?.origin}/hooks/hook-secret-4711?room=operators`;
  }

  /** What goes wrong with the next notices. */
  next(...faults: Fault[]): void {
    this.#script.push(...faults);
  }

  /** Resolves once a request has come. */
  get arrived(): Promise<void> {
    return this.#arrival.promise;
  }

  /** The notices so far, oldest first. */
  get notices(): readonly Record<string, unknown>[] {
    return this.requests.map(({ body }) => JSON.parse(body.toString()) as Record<string, unknown>);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listening?.[Symbol.asyncDispose]();
  }
}

/** Starts one on a port of its own. */
export function openNoticeBoard(): Promise<NoticeBoard> {
  return new NoticeBoard().start();
}
