import type { Answer, Timings } from '../kernel/exchange.ts';
import type { HeaderPairs } from '../kernel/headers.ts';
import type { Fault } from './fault.ts';

/** Headers that undici writes itself, from the URL, the body and the state of the connection. */
const WRITTEN_BY_THE_CLIENT = new Set(['host', 'connection', 'content-length']);

/** Methods whose empty body is announced with a content-length of 0, as undici does it. */
const ANNOUNCES_NO_BODY = new Set(['PUT', 'POST', 'PATCH', 'QUERY', 'PROPFIND', 'PROPPATCH']);

interface Parts {
  readonly method: string;
  readonly url: URL;
  readonly headers: HeaderPairs;
  readonly body: Uint8Array | null;
  readonly keepBytes: number;
  readonly maxBytes: number;
  /** Its reason is a `Fault`. */
  readonly signal: AbortSignal;
}

/** One request to put on the wire. A class of its own, so that axios hands it on as it is instead of merging it. */
export class HopRequest {
  readonly method: string;
  readonly url: URL;
  /** What the caller gives; the client's own headers are not among them. */
  readonly headers: HeaderPairs;
  readonly body: Uint8Array | null;
  readonly keepBytes: number;
  readonly maxBytes: number;
  readonly signal: AbortSignal;

  constructor({ method, url, headers, body, keepBytes, maxBytes, signal }: Parts) {
    this.method = method;
    this.url = url;
    this.headers = headers.filter(([name]) => !WRITTEN_BY_THE_CLIENT.has(name.toLowerCase()));
    this.body = body;
    this.keepBytes = keepBytes;
    this.maxBytes = maxBytes;
    this.signal = signal;
  }

  /** The headers exactly as undici writes them (its `client-h1.js`); a test compares them with the wire. */
  get wireHeaders(): HeaderPairs {
    const bytes = this.body?.byteLength ?? 0;
    const hasLength = bytes > 0 || ANNOUNCES_NO_BODY.has(this.method);
    return [
      ['host', this.url.host],
      ['connection', this.method === 'HEAD' ? 'close' : 'keep-alive'],
      ...this.headers,
      ...(hasLength ? [['content-length', String(bytes)] as const] : []),
    ];
  }
}

/** What came of one request on the wire. */
export interface HopResult {
  /** The answer, or what had arrived of it; null when no whole head came. */
  readonly answer: Answer | null;
  /** Null when the answer is complete. */
  readonly fault: Fault | null;
  /** False only if no byte of the request can have left. */
  readonly sent: boolean;
  readonly reusedConnection: boolean;
  readonly timings: Timings;
}
