import type { TokenReply } from '../../kernel/token-reply.ts';
import type { GrantState } from '../../model/grant.ts';
import type { GrantFacts } from '../../db/queries/grants.ts';
import { isRestored, RECOVERY_TRIES, RESTORED_BACKUP, spendsRefreshToken } from './grant-clock.ts';

/** Waits before the second and third recovery tries, in milliseconds; the first is made at once, by the flight that failed. */
const RECOVERY_WAITS_MS = [1_000, 4_000];

/** Wait after a recovery try that the provider turned away without looking at the token. */
const RECOVERY_PAUSE_MS = 15_000;
const BACK_OFF_MAX_MS = 300_000;
/** So much longer a back-off may be, so that many grants do not come back at one moment. */
const BACK_OFF_JITTER = 0.2;

/** What a grant may be moved to without new tokens. */
export interface GrantStanding {
  readonly state: GrantState;
  readonly reason: string | null;
  readonly detail: string | null;
  readonly failures: number;
  readonly retryAt: Date | null;
}

/** What a database that was put back makes of a grant: the refresh token may be spent, so it is tried once only. */
export const RESTORED: GrantStanding = {
  state: 'ambiguous',
  reason: RESTORED_BACKUP,
  detail:
    'The database was put back to an older state, so the refresh token may be spent already. It is tried once, when the access token ends or is refused.',
  failures: RECOVERY_TRIES - 1,
  retryAt: null,
};

type Refusal = Exclude<TokenReply, { kind: 'granted' }>;

/**
 * What a reply without tokens makes of a grant. Where no refresh token was spent nothing can be lost: an answer nobody
 * could read is one more failure, and a refusal is about the client, which consent cannot mend. `chance`, from 0 to 1,
 * spreads back-offs.
 */
export function standingAfter(grant: GrantFacts, reply: Refusal, now: Date, chance: number): GrantStanding {
  const isSpent = spendsRefreshToken(grant);
  switch (reply.kind) {
    case 'refused':
      return isSpent ? refused(grant, reply) : misconfigured(reply);
    case 'misconfigured':
      return misconfigured(reply);
    case 'transient':
      return backedOff(grant, reply, { now, chance, wishedMs: reply.retryAfterMs ?? 0 });
    case 'ambiguous':
      return isSpent ? ambiguous(grant, reply, now) : backedOff(grant, reply, { now, chance, wishedMs: 0 });
  }
}

/** Refused after an answer nobody has: the reason is what cut the first try off, not what the provider says now. */
function refused(grant: GrantFacts, reply: Refusal): GrantStanding {
  const why =
    grant.state === 'ambiguous'
      ? {
          reason: grant.reason,
          detail: isRestored(grant)
            ? 'The database was put back to an older state, and the provider does not take its refresh token any more.'
            : 'A renewal was cut off, and the provider does not take the old refresh token any more.',
        }
      : said(reply);
  return { ...why, state: 'consent-needed', failures: 0, retryAt: null };
}

function misconfigured(reply: Refusal): GrantStanding {
  return { ...said(reply), state: 'misconfigured', failures: 0, retryAt: null };
}

interface Wait {
  readonly now: Date;
  readonly chance: number;
  /** What the provider asked for, in milliseconds. */
  readonly wishedMs: number;
}

/** A recovery try that the provider never looked at does not count as one of the three. */
function backedOff(grant: GrantFacts, reply: Refusal, { now, chance, wishedMs }: Wait): GrantStanding {
  const { state, reason, detail } = grant;
  if (state === 'ambiguous') {
    const retryAt = later(now, Math.max(RECOVERY_PAUSE_MS, wishedMs));
    return { state, reason, detail, failures: grant.failures, retryAt };
  }
  const failures = grant.failures + 1;
  const usualMs = 1_000 * 2 ** (failures - 1) * (1 + BACK_OFF_JITTER * chance);
  const waitMs = Math.max(Math.min(usualMs, BACK_OFF_MAX_MS), wishedMs);
  return { ...said(reply), state, failures, retryAt: later(now, waitMs) };
}

function ambiguous(grant: GrantFacts, reply: Refusal, now: Date): GrantStanding {
  const tries = grant.state === 'ambiguous' ? grant.failures + 1 : 0;
  const waitMs = RECOVERY_WAITS_MS[tries - 1];
  return {
    ...(isRestored(grant) ? { reason: grant.reason, detail: grant.detail } : said(reply)),
    state: 'ambiguous',
    failures: tries,
    retryAt: waitMs === undefined ? null : later(now, waitMs),
  };
}

function said({ code, detail }: Refusal) {
  return { reason: code, detail };
}

function later(now: Date, ms: number): Date {
  return new Date(now.getTime() + ms);
}
