import type { Clock } from '../kernel/clock.ts';
import type { Answer, CallResult, Hop, Outcome, OutboundRequest } from '../kernel/exchange.ts';
import { isEventStream } from '../kernel/headers.ts';
import type { Logger } from '../kernel/logger.ts';
import type { AnswerSink, OutboundCall } from '../kernel/outbound.ts';
import type { CallGate } from './call-gate.ts';
import { CallLog } from './call-log.ts';
import { type EgressPolicy, NOT_ALLOWED } from './egress-policy.ts';
import { Fault } from './fault.ts';
import type { HopRequest, HopResult } from './hop.ts';
import { HopRequests } from './hop-requests.ts';
import { totalTimings } from './hop-times.ts';
import { MAX_REDIRECTS, redirectedRequest } from './redirects.ts';

/** Puts one request on the wire; see `undici-adapter.ts`. */
export type Exchange = (hop: HopRequest) => Promise<HopResult>;

interface Parts {
  readonly clock: Clock;
  readonly egress: EgressPolicy;
  readonly logger: Logger;
  readonly gate: CallGate;
  readonly exchange: Exchange;
  /** Ends the call; aborted with a `Fault`. */
  readonly stop: AbortController;
}

/** One call on its way: its place in line, its hops, its end. Made once a call, `fly` is called once. */
export class Flight {
  readonly #call: OutboundCall;
  readonly #parts: Parts;
  readonly #startedAt: Date;
  readonly #askedAt = performance.now();
  readonly #hops: Hop[] = [];
  readonly #requests: HopRequests;
  #deadline: NodeJS.Timeout | null = null;
  #waitMs: number | null = null;
  #wasSent = false;

  constructor(call: OutboundCall, parts: Parts) {
    this.#call = call;
    this.#parts = parts;
    this.#startedAt = parts.clock.now();
    this.#requests = new HopRequests({ call, sink: this.#sink(), signal: parts.stop.signal });
  }

  /** Throws `QueueFull` and nothing else. */
  async fly(): Promise<CallResult> {
    const log = new CallLog(this.#shownRequest(), this.#call.masker, this.#parts.logger);
    log.started();
    const unbind = this.#bindToEnd();
    try {
      const result = this.#landed(await this.#outcome());
      log.ended(result);
      return result;
    } catch (error) {
      log.turnedAway();
      throw error;
    } finally {
      unbind();
    }
  }

  #bindToEnd(): () => void {
    const { stop } = this.#parts;
    const { deadlineMs, signal } = this.#call;
    const cancel = () => stop.abort(new Fault('aborted', 'The call was cancelled.'));
    this.#endAfter(deadlineMs);
    if (signal?.aborted) cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    return () => {
      clearTimeout(this.#deadline ?? undefined);
      signal?.removeEventListener('abort', cancel);
    };
  }

  /** Counted from the moment the call was asked for; takes the place of the deadline before. */
  #endAfter(deadlineMs: number): void {
    const fault = new Fault('timeout', `No complete answer came within ${deadlineMs} ms.`);
    // One turn later: after a standstill (a laptop that slept) an answer that is here already is read first.
    const late = () => void setImmediate(() => this.#parts.stop.abort(fault));
    clearTimeout(this.#deadline ?? undefined);
    this.#deadline = setTimeout(late, Math.max(0, this.#askedAt + deadlineMs - performance.now()));
  }

  async #outcome(): Promise<Outcome> {
    const url = URL.parse(this.#call.request.url);
    if (!url || !this.#call.origins.includes(url.origin)) {
      return this.#failed(new Fault('refused-address', "The address is not one of the connection's own."));
    }
    if (!this.#parts.egress.allowsUrl(url)) return this.#failed(new Fault('refused-address', NOT_ALLOWED));

    const leave = await this.#place();
    if (leave instanceof Fault) return this.#failed(leave);
    try {
      return await this.#answerOf(this.#call.request);
    } finally {
      leave();
    }
  }

  async #place(): Promise<(() => void) | Fault> {
    try {
      return await this.#parts.gate.enter(this.#call.lane, this.#parts.stop.signal);
    } catch (error) {
      if (error instanceof Fault) return error;
      throw error;
    } finally {
      this.#waitMs = performance.now() - this.#askedAt;
    }
  }

  async #answerOf(request: OutboundRequest): Promise<Outcome> {
    const { fault, answer } = await this.#hop(request);
    if (fault || !answer) return this.#failed(fault ?? new Fault('protocol', 'No answer came.'), answer);

    const next = this.#call.redirects === 'follow' ? redirectedRequest(request, answer, this.#call) : null;
    if (!next) return { kind: 'answered', ...answer };
    if (this.#hops.length > MAX_REDIRECTS) {
      return this.#failed(new Fault('redirect-limit', `It redirected more than ${MAX_REDIRECTS} times.`), answer);
    }
    if (!this.#parts.egress.allowsUrl(new URL(next.url))) {
      return this.#failed(new Fault('refused-address', NOT_ALLOWED), answer);
    }
    return await this.#answerOf(next);
  }

  async #hop(request: OutboundRequest): Promise<HopResult> {
    const result = await this.#parts.exchange(this.#requests.next(request));
    if (result.answer) this.#requests.answered(result.answer);
    const isFirst = this.#hops.length === 0;
    const timings = isFirst ? this.#withWait(result) : result.timings;
    this.#wasSent ||= result.sent;
    this.#hops.push({
      attempt: 1,
      method: request.method,
      url: request.url,
      status: result.answer?.status ?? null,
      reusedConnection: result.reusedConnection,
      timings,
    });
    return result;
  }

  #withWait({ timings }: HopResult): Hop['timings'] {
    const wait = this.#waitMs;
    return { ...timings, wait, total: timings.total + (wait ?? 0) };
  }

  #sink(): AnswerSink | null {
    const { sink, eventStreamMs } = this.#call;
    if (!sink || eventStreamMs === undefined) return sink ?? null;
    return {
      enough: sink.enough,
      take: (bytes) => sink.take(bytes),
      head: (head) => {
        if (isEventStream(head.headers)) this.#endAfter(eventStreamMs);
        return sink.head(head);
      },
    };
  }

  #shownRequest(): OutboundRequest {
    const { request } = this.#call;
    if (!URL.canParse(request.url)) return request;
    return { ...request, headers: this.#requests.shownHeaders };
  }

  #failed({ reason, message }: Fault, partial: Answer | null = null): Outcome {
    return { kind: 'failed', reason, detail: message, sent: this.#wasSent, partial };
  }

  #landed(outcome: Outcome): CallResult {
    return {
      request: this.#shownRequest(),
      outcome,
      hops: this.#hops,
      timings: totalTimings(this.#hops, { wait: this.#waitMs, total: performance.now() - this.#askedAt }),
      startedAt: this.#startedAt,
      finishedAt: this.#parts.clock.now(),
    };
  }
}
