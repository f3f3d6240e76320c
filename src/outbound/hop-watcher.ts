import type { Dispatcher } from 'undici';
import type { HeaderPairs } from '../kernel/headers.ts';
import { headerValue } from '../kernel/headers.ts';
import type { Connection, Rider } from './connector.ts';
import { NOT_ALLOWED } from './egress-policy.ts';
import { Fault, faultOf, isClosed } from './fault.ts';
import type { HopRequest, HopResult } from './hop.ts';
import { HopTimes } from './hop-times.ts';
import { PassedBody } from './passed-body.ts';
import { BodyKeeper, type TakenBody } from './received-body.ts';

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
  #body: TakenBody | null = null;
  /** Whoever takes the answer has had enough of it. */
  #isCut = false;

  constructor(request: HopRequest, mayRide: MayRide) {
    this.#request = request;
    this.#mayRide = mayRide;
    this.result = new Promise((resolve) => (this.#resolve = resolve));
    request.signal.addEventListener('abort', this.#onAbort, { once: true });
    if (request.signal.aborted) this.#onAbort();
    request.sink?.enough.addEventListener('abort', this.#onEnough, { once: true });
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
    this.#body = this.#takerOf(status, headers);
    if (headers.length > MAX_HEADERS) return this.#fail(new Fault('too-large', 'The answer has too many headers.'));
    if (this.#body.fault) return this.#fail(this.#body.fault);
    const { sink } = this.#request;
    this.#holdBack(controller, sink?.head(this.#head) ?? null);
    if (sink?.enough.aborted) this.#onEnough();
  }

  #takerOf(status: number, headers: HeaderPairs): TakenBody {
    const { method, sink, keepBytes, maxBytes } = this.#request;
    const hasBody = method !== 'HEAD' && status !== 204 && status !== 304;
    const codings = hasBody ? codingsOf(headers) : [];
    if (!sink) return new BodyKeeper(codings, keepBytes);
    return new PassedBody({ codings, sink, maxBytes, onFault: (fault) => this.#fail(fault) });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    // undici hands over nothing when it goes on after a pause; to pause for that would never end.
    if (chunk.length === 0) return;
    const lagging = this.#body!.take(chunk);
    if (this.#body!.wireBytes > this.#request.maxBytes) {
      return this.#fail(new Fault('too-large', `The answer is larger than ${this.#request.maxBytes} bytes.`));
    }
    this.#holdBack(controller, lagging);
  }

  #holdBack(controller: Dispatcher.DispatchController, lagging: Promise<void> | null): void {
    if (!lagging) return;
    controller.pause();
    lagging.then(
      () => controller.resume(),
      () => this.#fail(new Fault('aborted', 'The answer could not be taken in.')),
    );
  }

  onResponseEnd(): void {
    void this.#settle(null);
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    void this.#settle(this.#fault ?? this.#connection?.tlsFault ?? this.#unexplained(error));
  }

  /** A server that refuses a certificate may close the connection without a word. */
  #unexplained(error: Error): Fault {
    const fault = faultOf(error);
    const mayBeRefusal = this.#connection?.showsCertificate && !this.#times.reusedConnection && !this.#head;
    if (!mayBeRefusal || !isClosed(error)) return fault;
    return new Fault(
      fault.reason,
      'The server closed the connection without an answer; it may have refused our client certificate.',
    );
  }

  readonly #onAbort = (): void => this.#fail(this.#request.signal.reason as Fault);

  readonly #onEnough = (): void => {
    if (!this.#head || this.#isSettled || this.#fault) return;
    this.#isCut = true;
    void this.#settle(null);
    this.#controller?.abort(new Fault('aborted', 'No more of the answer is wanted.'));
  };

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
    this.#request.sink?.enough.removeEventListener('abort', this.#onEnough);
    const timings = this.#times.ended(this.#connection);
    const body = await this.#body?.end(fault === null && !this.#isCut);
    this.#resolve({
      answer: this.#head && body ? { ...this.#head, body: this.#isCut ? { ...body, truncated: true } : body } : null,
      fault: fault ?? this.#body?.fault ?? null,
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

/**
 * Content codings, and after them what was put on for the way alone (RFC 9112, section 7): we ask for no such transfer
 * coding, but a secret must not pass in one.
 */
function codingsOf(headers: HeaderPairs): string[] {
  return [...listed(headers, 'content-encoding'), ...listed(headers, 'transfer-encoding')].filter(
    (coding) => !['', 'identity', 'chunked'].includes(coding),
  );
}

function listed(headers: HeaderPairs, wanted: string): string[] {
  if (headerValue(headers, wanted) === null) return [];
  return headers
    .filter(([name]) => name.toLowerCase() === wanted)
    .flatMap(([, value]) => value.toLowerCase().split(','))
    .map((coding) => coding.trim());
}
