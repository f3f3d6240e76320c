import type { TokenReply } from '../../kernel/token-reply.ts';
import type { AttemptState } from '../../model/refresh-attempt.ts';

/** How a try ended for the attempt's row. */
export interface AttemptEnd {
  readonly state: AttemptState;
  readonly outcome: string;
  readonly reason: string | null;
  readonly detail: string | null;
}

/** It brought tokens, and the grant holds them. */
export const STORED: AttemptEnd = { state: 'done', outcome: 'granted', reason: null, detail: null };

/** It brought tokens that the grant did not take. */
export const OVERTAKEN: AttemptEnd = {
  state: 'done',
  outcome: 'overtaken',
  reason: 'generation-moved',
  detail: 'The grant had moved on when these tokens came. They are kept here, sealed.',
};

/** Its process died, or it took longer than its lease: whether the provider answered is not known. */
export const INTERRUPTED = {
  state: 'unknown',
  outcome: 'interrupted',
  reason: 'crash_during_refresh',
  detail: 'A renewal was cut off before its answer was kept. The same refresh token is tried again.',
} as const satisfies AttemptEnd;

/** How an attempt ends for a reply without tokens. */
export function attemptEndOf(reply: Exclude<TokenReply, { kind: 'granted' }>): AttemptEnd {
  return {
    state: reply.kind === 'ambiguous' ? 'unknown' : 'failed',
    outcome: reply.kind,
    reason: reply.code,
    detail: reply.detail,
  };
}
