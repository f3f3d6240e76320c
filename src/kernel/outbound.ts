import type { CallResult, OutboundRequest } from './exchange.ts';
import type { Masker } from './masker.ts';

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
  /** For the log lines of this call. */
  readonly masker: Masker;
  /** Cancels the call: `failed`, `aborted`. */
  readonly signal?: AbortSignal;
}

/**
 * Sends a call and gives back what came of it; never throws for what the network or the API did.
 * Throws `QueueFull` when the line is full, and `CallInsideTransaction` when a transaction is open.
 */
export type Send = (call: OutboundCall) => Promise<CallResult>;

/** Throws `CallInsideTransaction` when the scope we are in has a transaction open. */
export type RefuseIfInTransaction = () => void;
