import type { HeaderPairs } from './headers.ts';

/** What an exchange was for. */
export const EXCHANGE_KINDS = [
  'call',
  'token',
  'authorization',
  'device',
  'revocation',
  'introspection',
  'imported',
] as const;
export type ExchangeKind = (typeof EXCHANGE_KINDS)[number];

/** How an exchange stands: `pending` is written before an unsafe call leaves; the others are final. */
export const EXCHANGE_OUTCOMES = ['pending', 'answered', 'failed', 'interrupted'] as const;
export type ExchangeOutcome = (typeof EXCHANGE_OUTCOMES)[number];

/** Why no complete answer came. */
export const FAILURE_REASONS = [
  'refused-address',
  'dns',
  'connect',
  'tls',
  'timeout',
  'too-large',
  'aborted',
  'redirect-limit',
  'protocol',
] as const;
export type FailureReason = (typeof FAILURE_REASONS)[number];

/** A request as it leaves: an absolute URL, every header that goes on the wire but `host` and `content-length`. */
export interface OutboundRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: HeaderPairs;
  readonly body: Uint8Array | null;
}

/** Milliseconds by phase; null where the phase did not happen (a reused connection has no `dns`, `connect`, `tls`). */
export interface Timings {
  readonly wait: number | null;
  readonly dns: number | null;
  readonly connect: number | null;
  readonly tls: number | null;
  readonly send: number | null;
  readonly firstByte: number | null;
  readonly receive: number | null;
  readonly total: number;
}

/** One request on the wire. `attempt` counts resends after a 401 from 1; redirects share their attempt's number. */
export interface Hop {
  readonly attempt: number;
  readonly method: string;
  readonly url: string;
  readonly status: number | null;
  readonly reusedConnection: boolean;
  readonly timings: Timings;
}

/** A body as it came: `bytes` are decoded and capped; the wire's own size and SHA-256 (hex) are of the whole. */
export interface ReceivedBody {
  readonly bytes: Uint8Array;
  readonly wireBytes: number;
  readonly wireSha256: string;
  readonly truncated: boolean;
}

/** An API's answer, whatever its status. */
export interface Answer {
  readonly status: number;
  readonly headers: HeaderPairs;
  readonly body: ReceivedBody;
}

/**
 * What came of a call; never thrown. `sent` of a failure tells whether any byte of the request may have left us: only
 * when it is false is a retry certain to be the first. `partial` is what had arrived of an answer before it failed.
 */
export type Outcome =
  | ({ readonly kind: 'answered' } & Answer)
  | {
      readonly kind: 'failed';
      readonly reason: FailureReason;
      /** One sentence for people; holds no secret, no banner and no address that was refused. */
      readonly detail: string;
      readonly sent: boolean;
      readonly partial: Answer | null;
    };

/** A finished call: what exactly went out, what came of it and when. Plain data, safe to share between requests. */
export interface CallResult {
  /** The first request with the headers as they were on the wire, `host` and `content-length` included. */
  readonly request: OutboundRequest;
  readonly outcome: Outcome;
  readonly hops: readonly Hop[];
  readonly timings: Timings;
  readonly startedAt: Date;
  readonly finishedAt: Date;
}

/** Methods that change nothing (RFC 9110, section 9.2.1; TRACE is refused). */
export function isSafeMethod(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}
