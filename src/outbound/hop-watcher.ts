import type { Dispatcher } from 'undici';
import type { HeaderPairs } from '../kernel/headers.ts';
import { headerValue } from '../kernel/headers.ts';
import type { Connection, Rider } from './connector.ts';
import { NOT_ALLOWED } from './egress-policy.ts';
import { Fault, faultOf } from './fault.ts';
import type { HopRequest, HopResult } from './hop.ts';
import { HopTimes } from './hop-times.ts';
import { BodyKeeper } from './received-body.ts';

const MAX_HEADERS = 200;
/** A server that sends more interim answers (RFC 9110, section 15.2) than this will send them for ever. */
const MAX_INTERIM_ANSWERS = 20;

/** Judges the connection a request is about to be written on; true lets it go. */
export type MayRide = (connection: Connection) => boolean;

/** Follows one request through undici and settles with what came of it; never rejects. */
export class HopWatcher implements Dispatcher.DispatchHandler, Rider {
  readonly result: Promise<HopResult>;
  readonly #request: HopRequest;
  readonly #mayRide: MayRide;
  readonly #times = new HopTimes();
  #resolve: (result: HopResult) => void = () => {};
  #connection: Connection | null = null;
  #controller: Dispatcher.DispatchController | null = null;
  #fault: Fault | null = null;
  #isSettled = false;
  #wasSent = false;
  #interimAnswers = 0;
  #head: { readonly status: number; readonly headers: HeaderPairs } | null = null;
  #body: BodyKeeper | null = null;

  constructor(request: HopRequest, mayRide: MayRide) {
    this.#request = request;
    this.#mayRide = mayRide;
    this.result = new Promise((resolve) => (this.#resolve = resolve));
    request.signal.addEventListener('abort', this.#onAbort, { once: true });
    if (request.signal.aborted) this.#onAbort();
  }

  board(connection: Connection): void {
    this.#connection = connection;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    const connection = this.#connection;
    if (!this.#fault && (!connection || !this.#mayRide(connection))) this.#fault = refusal();
    // Nothing is written yet: undici writes the head right after this returns, unless it was aborted here.
    if (this.#fault) return controller.abort(this.#fault);
    this.#wasSent = true;
    this.#times.started(connection!);
  }

  onRequestSent(): void {
    this.#times.sent();
  }

  onResponseStarted(): void {
    this.#times.answered();
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    if (status < 200) {
      this.#interimAnswers += 1;
      if (this.#interimAnswers > MAX_INTERIM_ANSWERS) {
        this.#fail(new Fault('protocol', 'The answer never came to its final status.'));
      }
      return this.#times.answeredForNow();
    }
    const headers = pairsOf(controller.rawHeaders);
    this.#head = { status, headers };
    this.#body = new BodyKeeper(codingsOf(headers), this.#request.keepBytes);
    if (headers.length > MAX_HEADERS) this.#fail(new Fault('too-large', 'The answer has too many headers.'));
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const lagging = this.#body!.take(chunk);
    if (this.#body!.wireBytes > this.#request.maxBytes) {
      return this.#fail(new Fault('too-large', `The answer is larger than ${this.#request.maxBytes} bytes.`));
    }
    if (!lagging) return;
    controller.pause();
    void lagging.then(() => controller.resume());
  }

  onResponseEnd(): void {
    void this.#settle(null);
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    void this.#settle(this.#fault ?? faultOf(error));
  }

  readonly #onAbort = (): void => this.#fail(this.#request.signal.reason as Fault);

  #fail(fault: Fault): void {
    if (this.#isSettled || this.#fault) return;
    this.#fault = fault;
    if (this.#controller) return this.#controller.abort(fault);
    // Still waiting for a connection: undici has no way to take the request back, so it is refused when its turn comes.
    this.#connection?.cancel(fault);
    void this.#settle(fault);
  }

  async #settle(fault: Fault | null): Promise<void> {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#request.signal.removeEventListener('abort', this.#onAbort);
    const timings = this.#times.ended(this.#connection);
    const body = await this.#body?.end(fault === null);
    this.#resolve({
      answer: this.#head && body ? { ...this.#head, body } : null,
      fault,
      sent: this.#wasSent,
      reusedConnection: this.#times.reusedConnection,
      timings,
    });
  }
}

function refusal(): Fault {
  return new Fault('refused-address', NOT_ALLOWED);
}

function pairsOf(raw: Dispatcher.DispatchController['rawHeaders']): HeaderPairs {
  if (!Array.isArray(raw)) return [];
  const texts = raw.map((part) => (typeof part === 'string' ? part : part.toString('latin1')));
  return Array.from({ length: texts.length / 2 }, (_, at) => [texts[2 * at]!, texts[2 * at + 1]!]);
}

function codingsOf(headers: HeaderPairs): string[] {
  if (headerValue(headers, 'content-encoding') === null) return [];
  return headers
    .filter(([name]) => name.toLowerCase() === 'content-encoding')
    .flatMap(([, value]) => value.toLowerCase().split(','))
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity');
}
