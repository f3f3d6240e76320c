import type { Answer, Timings } from '../kernel/exchange.ts';
import type { HeaderPairs } from '../kernel/headers.ts';
import type { AnswerSink } from '../kernel/outbound.ts';
import type { Fault } from './fault.ts';
import type { Identity } from './handshake.ts';
import type { HopUpload } from './hop-upload.ts';

/** Headers that undici writes itself, from the URL, the body and the state of the connection. */
const WRITTEN_BY_THE_CLIENT = new Set(['host', 'connection', 'content-length']);

/** Methods whose empty body is announced with a content-length of 0, as undici does it. */
const ANNOUNCES_NO_BODY = new Set(['PUT', 'POST', 'PATCH', 'QUERY', 'PROPFIND', 'PROPPATCH']);

/** ASCII without spaces and without the mark of a fragment. */
const SENDABLE = /^[\x21\x22\x24-\x7e]*$/;

interface Parts {
  readonly method: string;
  /** As it was written, and read. */
  readonly text: string;
  readonly url: URL;
  readonly headers: HeaderPairs;
  readonly body: Uint8Array | HopUpload | null;
  /** Gets the answer's body in place of the hop's result. */
  readonly sink: AnswerSink | null;
  readonly keepBytes: number;
  readonly maxBytes: number;
  /** Null for the usual one. */
  readonly identity: Identity | null;
  /** Its reason is a `Fault`. */
  readonly signal: AbortSignal;
}

/** One request to put on the wire. A class of its own, so that axios hands it on as it is instead of merging it. */
export class HopRequest {
  readonly method: string;
  readonly url: URL;
  /** What the caller gives; the client's own headers are not among them. */
  readonly headers: HeaderPairs;
  readonly body: Uint8Array | HopUpload | null;
  /** What stands in the request line. */
  readonly target: string;
  readonly sink: AnswerSink | null;
  readonly keepBytes: number;
  readonly maxBytes: number;
  readonly identity: Identity | null;
  readonly signal: AbortSignal;

  constructor({ method, text, url, headers, body, sink, keepBytes, maxBytes, identity, signal }: Parts) {
    this.method = method;
    this.url = url;
    this.target = targetOf(text, url);
    this.headers = headers.filter(([name]) => !WRITTEN_BY_THE_CLIENT.has(name.toLowerCase()));
    this.body = body;
    this.sink = sink;
    this.keepBytes = keepBytes;
    this.maxBytes = maxBytes;
    this.identity = identity;
    this.signal = signal;
  }

  /** The headers exactly as undici writes them (its `client-h1.js`); a test compares them with the wire. */
  get wireHeaders(): HeaderPairs {
    return [
      ['host', this.url.host],
      ['connection', this.method === 'HEAD' ? 'close' : 'keep-alive'],
      ...this.headers,
      ...this.#framing,
    ];
  }

  /** For undici, which writes a body's length itself where it can see it. */
  get givenHeaders(): HeaderPairs {
    const { body, headers } = this;
    if (!isUpload(body) || body.bytes === null) return headers;
    return [...headers, ['content-length', String(body.bytes)]];
  }

  get #framing(): HeaderPairs {
    const { body } = this;
    const bytes = isUpload(body) ? (body.isEmpty ? 0 : body.bytes) : (body?.byteLength ?? 0);
    if (bytes === null) return [['transfer-encoding', 'chunked']];
    return bytes > 0 || ANNOUNCES_NO_BODY.has(this.method) ? [['content-length', String(bytes)]] : [];
  }
}

function isUpload(body: HopRequest['body']): body is HopUpload {
  return body !== null && Symbol.asyncIterator in body;
}

/** As it was written, where that can stand in a request line: `URL` rewrites quotes, braces and dots. */
function targetOf(text: string, { origin, pathname, search }: URL): string {
  const written = text.slice(origin.length);
  return text.startsWith(`${origin}/`) && SENDABLE.test(written) ? written : pathname + search;
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
