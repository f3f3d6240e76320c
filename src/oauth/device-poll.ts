import { FAILURE_REASONS } from '../kernel/exchange.ts';
import type { TokenReply, TokenSet } from '../kernel/token-reply.ts';

/** What a poll's answer means. `detail` is one sentence for people, without a secret. */
export type PollAnswer =
  | { readonly kind: 'granted'; readonly tokens: TokenSet }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'slower' }
  | { readonly kind: 'unsure'; readonly code: string; readonly detail: string; readonly retryAfterMs: number | null }
  | {
      readonly kind: 'over';
      readonly state: 'refused' | 'expired' | 'failed';
      readonly code: string;
      readonly detail: string;
    };

/** The second name is what some providers call it. */
const REFUSED: ReadonlySet<string> = new Set(['access_denied', 'authorization_declined']);

/** Answers that say nothing about the consent: the provider, or somebody before it, could not answer. */
const PASSING: ReadonlySet<string> = new Set([
  ...FAILURE_REASONS,
  'temporarily_unavailable',
  'server_error',
  'unreadable',
  'no-token',
]);

const UNTOUCHED = 'The grant held before is untouched; start again when you want to go on.';

/**
 * Reads the answer to a poll (RFC 8628, section 3.5): an error of the provider's own that is not "not yet" ends the
 * polling, whatever it is; no answer, or none that can be read, ends nothing.
 */
export function readPoll(reply: TokenReply): PollAnswer {
  if (reply.kind === 'granted') return reply;
  const { code, detail } = reply;
  if (code === 'authorization_pending') return { kind: 'waiting' };
  if (code === 'slow_down') return { kind: 'slower' };
  if (REFUSED.has(code)) return over('refused', code, `Access was not granted at the provider. ${UNTOUCHED}`);
  if (code === 'expired_token') return over('expired', code, `Nobody answered before the code expired. ${UNTOUCHED}`);
  const isPassing = reply.kind === 'transient' || reply.kind === 'ambiguous';
  if (isPassing && (PASSING.has(code) || code.startsWith('http-'))) {
    return { kind: 'unsure', code, detail, retryAfterMs: reply.kind === 'transient' ? reply.retryAfterMs : null };
  }
  return over('failed', code, `${detail} ${UNTOUCHED}`);
}

function over(state: 'refused' | 'expired' | 'failed', code: string, detail: string): PollAnswer {
  return { kind: 'over', state, code, detail };
}
