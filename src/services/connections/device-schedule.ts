import type { DeviceAttempt } from '../../model/device-attempt.ts';

/** How much longer the interval gets when the provider asks for it (RFC 8628, section 3.5), in seconds. */
const SLOWER_S = 5;

/** Without an answer the interval doubles up to this many seconds, as the standard recommends. */
const UNANSWERED_S = 60;

/** One process asks at a time; whoever asks has this long: a token call's deadline, and storing what came of it. */
const TURN_MS = 45_000;

/** What the time of the next poll follows from. */
export type Pace = Pick<DeviceAttempt, 'intervalSeconds' | 'expiresAt'>;

/** When the provider may be asked again: after the interval, or `retryAfterMs` where that is longer; at its end at the latest. */
export function nextPoll({ intervalSeconds, expiresAt }: Pace, now: Date, retryAfterMs = 0): Date {
  const waitMs = Math.max(intervalSeconds * 1000, retryAfterMs);
  return new Date(Math.min(now.getTime() + waitMs, Math.max(expiresAt.getTime(), now.getTime())));
}

/** Until when nobody else asks. */
export function endOfTurn(now: Date): Date {
  return new Date(now.getTime() + TURN_MS);
}

/** The interval after `slow_down`; it lasts. */
export function slower({ intervalSeconds }: Pace): number {
  return intervalSeconds + SLOWER_S;
}

/** The interval after a poll that was not answered; it lasts as well. */
export function hesitant({ intervalSeconds }: Pace): number {
  return Math.max(intervalSeconds, Math.min(intervalSeconds * 2, UNANSWERED_S));
}
