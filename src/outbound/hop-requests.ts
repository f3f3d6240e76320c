import type { Answer, OutboundRequest } from '../kernel/exchange.ts';
import type { HeaderPairs } from '../kernel/headers.ts';
import type { AnswerSink, OutboundCall } from '../kernel/outbound.ts';
import { identityAt } from './handshake.ts';
import { HopRequest } from './hop.ts';
import { HopUpload } from './hop-upload.ts';
import { isHomeFor } from './redirects.ts';

interface Parts {
  readonly call: OutboundCall;
  readonly sink: AnswerSink | null;
  readonly signal: AbortSignal;
}

/** Makes the requests of one call, hop by hop: what goes along with each of them beyond what the request itself says. */
export class HopRequests {
  readonly #parts: Parts;
  readonly #upload: HopUpload | null;
  #first: HopRequest | null = null;
  /** Where a way has led elsewhere it is no longer ours, although it may lead back. */
  #isHome = true;
  #before: OutboundRequest | null = null;

  constructor(parts: Parts) {
    const { call } = parts;
    this.#parts = parts;
    this.#upload = call.upload ? new HopUpload(call.upload, call.maxBytes) : null;
  }

  /** The request that is about to leave. Throws what the call's prover throws. */
  next(request: OutboundRequest): HopRequest {
    const { call } = this.#parts;
    this.#isHome &&= isHomeFor(new URL(request.url), this.#before ?? request, call.origins);
    this.#before = request;
    const proof = this.#isHome ? (call.prover?.headersFor(request) ?? []) : [];
    const hop = this.#hop({ ...request, headers: [...besides(request.headers, proof), ...proof] });
    this.#first ??= hop;
    return hop;
  }

  /** Tells the prover what the request that left last was answered with. */
  answered({ headers }: Answer): void {
    if (this.#isHome && this.#before) this.#parts.call.prover?.answered(this.#before, headers);
  }

  /** The headers of the first request as they are on the wire, or will be. */
  get shownHeaders(): HeaderPairs {
    return (this.#first ?? this.#hop(this.#parts.call.request)).wireHeaders;
  }

  #hop({ method, url: text, headers, body: own }: OutboundRequest): HopRequest {
    const { call, sink, signal } = this.#parts;
    const { keepBytes, maxBytes } = call;
    const url = new URL(text);
    const body = this.#upload ?? own;
    const identity = identityAt(call.tls, url, this.#isHome);
    return new HopRequest({ method, text, url, headers, body, sink, keepBytes, maxBytes, identity, signal });
  }
}

function besides(headers: HeaderPairs, others: HeaderPairs): HeaderPairs {
  if (others.length === 0) return headers;
  const named = new Set(others.map(([name]) => name.toLowerCase()));
  return headers.filter(([name]) => !named.has(name.toLowerCase()));
}
