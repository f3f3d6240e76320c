import type { CallResult, OutboundRequest } from './exchange.ts';
import type { HeaderPairs } from './headers.ts';
import type { Masker } from './masker.ts';

/** A request body that is sent while it comes. */
export interface Upload {
  /** As announced (Content-Length), or null: then it is sent chunked. */
  readonly bytes: number | null;
  /** The body from its first byte. Whatever it throws ends the call as `failed`, `aborted`. */
  chunks(): AsyncIterable<Uint8Array>;
}

/** An answer's final status and headers, as received. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: HeaderPairs;
}

/** Takes an answer while it comes. A promise holds back what comes next; one that rejects ends the call as `aborted`. */
export interface AnswerSink {
  head(head: AnswerHead): Promise<void> | null;
  /** The next bytes of the body, content codings taken off. */
  take(bytes: Uint8Array): Promise<void> | null;
  /** Once it is aborted no more is read: the answer is what came so far, `truncated`. */
  readonly enough: AbortSignal;
}

/** How the other side of a TLS connection is known, and how we are. Text is PEM. */
export interface TlsIdentity {
  /** Certificates that servers may be known by besides the system's. Verification is never switched off. */
  readonly authorities: string | null;
  /** Our own certificate with its key (RFC 8705), shown to `clientOrigins` and nobody else. */
  readonly client: { readonly certificate: string; readonly key: string } | null;
  readonly clientOrigins: readonly string[];
}

/** Where one request of a call goes; redirects make more than one. */
export interface HopPlace {
  readonly method: string;
  readonly url: string;
}

/** Proves anew with every hop that we may use what it carries: a proof names method and URL (RFC 9449, section 7). */
export interface HopProver {
  /** Headers for one hop to one of the call's `origins`, asked for when it is about to leave; others never get any. */
  headersFor(hop: HopPlace): HeaderPairs;
  /** The headers of what such a hop was answered with. */
  answered(hop: HopPlace, headers: HeaderPairs): void;
}

/** One call to make. Everything the outbound ring needs to know; it asks nobody else. */
export interface OutboundCall {
  readonly request: OutboundRequest;
  /** Who is in line with whom: a connection's id, and how many of its calls may fly at once. */
  readonly lane: { readonly key: string; readonly width: number };
  /** From asking for a place to the last byte, in milliseconds. */
  readonly deadlineMs: number;
  /** Bytes of a decoded answer that are kept; what comes after is counted and hashed as it comes. */
  readonly keepBytes: number;
  /** Wire bytes after which the call fails as `too-large`. */
  readonly maxBytes: number;
  /** `none` hands a 3xx back as the answer. */
  readonly redirects: 'follow' | 'none';
  /** Origins that credentials may go to; the request's own must be one of them. */
  readonly origins: readonly string[];
  /** Names, in lower case, of headers that never leave for another origin (`authorization` and `cookie` never do). */
  readonly credentialHeaders: readonly string[];
  /** The system's authorities and no certificate of ours, where it is left out. */
  readonly tls?: TlsIdentity;
  /** What it gives takes the place of headers of the same name, and is on record as sent. */
  readonly prover?: HopProver;
  /** For the log lines of this call. */
  readonly masker: Masker;
  /** Cancels the call: `failed`, `aborted`. */
  readonly signal?: AbortSignal;
  /** In place of the request's own body, `maxBytes` at most; not together with `follow`. */
  readonly upload?: Upload;
  /**
   * Gets the answer while it comes; then no bytes are kept, and a body whose content coding cannot be taken off fails as
   * `protocol`. Not together with `follow`.
   */
  readonly sink?: AnswerSink;
  /** In place of `deadlineMs` once the answer turns out to be `text/event-stream`. */
  readonly eventStreamMs?: number;
}

/**
 * Sends a call and gives back what came of it; never throws for what the network or the API did.
 * Throws `QueueFull` when the line is full, and `CallInsideTransaction` when a transaction is open.
 */
export type Send = (call: OutboundCall) => Promise<CallResult>;

/** Throws `CallInsideTransaction` when the scope we are in has a transaction open. */
export type RefuseIfInTransaction = () => void;
