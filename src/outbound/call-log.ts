import type { CallResult, Hop, OutboundRequest } from '../kernel/exchange.ts';
import { headerValue } from '../kernel/headers.ts';
import type { Logger } from '../kernel/logger.ts';
import type { Masker } from '../kernel/masker.ts';

/** The log lines of one call: what goes out, and what came of it. Everything passes the call's own masker. */
export class CallLog {
  readonly #logger: Logger;
  readonly #facts: object;

  constructor(request: OutboundRequest, masker: Masker, logger: Logger) {
    this.#logger = logger;
    this.#facts = {
      method: request.method,
      url: masker.url(request.url),
      requestBytes: bytesOf(request),
      requestHeaders: masker.headers(request.headers),
    };
  }

  started(): void {
    this.#logger.debug(this.#facts, 'A call goes out.');
  }

  ended({ outcome, hops, timings }: CallResult): void {
    const end =
      outcome.kind === 'answered'
        ? { status: outcome.status, responseBytes: outcome.body.wireBytes }
        : { reason: outcome.reason, sent: outcome.sent };
    const facts = { ...this.#facts, ...end, hops: hops.length, reused: isReused(hops), ms: Math.round(timings.total) };
    this.#logger.info(facts, outcome.kind === 'answered' ? 'A call was answered.' : 'A call failed.');
  }

  turnedAway(): void {
    this.#logger.info(this.#facts, 'A call found no place in the line.');
  }
}

/** Null where nobody knows before the end. */
function bytesOf({ headers }: OutboundRequest): number | null {
  if (headerValue(headers, 'transfer-encoding') !== null) return null;
  return Number(headerValue(headers, 'content-length') ?? 0);
}

function isReused(hops: readonly Hop[]): boolean {
  return hops.at(-1)?.reusedConnection ?? false;
}
