import type { GrantTelling, ToldGrantState } from '../../kernel/grant-telling.ts';
import { GRANT_WORDS, type GrantWords } from './grant-words.ts';
import { moment, spanText } from './measures.ts';

/** States in which the arc tells how much of the token's life is left. */
const TIMED: readonly ToldGrantState[] = ['fresh', 'due', 'refreshing', 'ambiguous'];

/** What pages show of a grant: its ring, its words and the one thing to do. Fractions are of the token's lifetime. */
export function grantView(telling: GrantTelling, now: Date) {
  const secondsLeft =
    telling.expiresAt && Math.max(0, Math.floor((telling.expiresAt.getTime() - now.getTime()) / 1000));
  const words = GRANT_WORDS[telling.state];
  const isTimed = TIMED.includes(telling.state) && secondsLeft !== null;
  return {
    connection: telling.connection,
    state: telling.state,
    stateWord: words.word,
    sentence: sentenceOf(words, telling).replace('{left}', spanText(secondsLeft ?? 0)),
    generation: telling.generation,
    expiresAt: telling.expiresAt && moment(telling.expiresAt),
    renewalDue: telling.state === 'fresh' && telling.nextCheckIn !== null ? inSeconds(now, telling.nextCheckIn) : null,
    obtainedAt: telling.obtainedAt && moment(telling.obtainedAt),
    secondsLeft,
    lifetimeSeconds: telling.lifetimeSeconds,
    nextCheckIn: telling.nextCheckIn,
    isTimed,
    fractionLeft: fraction(isTimed ? secondsLeft : 0, telling.lifetimeSeconds),
    marginFraction: telling.state === 'fresh' ? marginFraction(telling) : null,
    dial: dialText(isTimed, secondsLeft, words.mark),
    reason: telling.reason,
    detail: telling.detail,
    action: telling.action && { label: telling.action.label, href: telling.action.href },
    /** What the button for renewing says; null where it cannot help. */
    renew: telling.action ? null : words.renew,
    words: JSON.stringify(GRANT_WORDS),
  };
}

function sentenceOf({ sentence, forPerson }: GrantWords, { action }: GrantTelling): string {
  return action && forPerson !== undefined ? forPerson : sentence;
}

/** A number and its unit for the middle of the ring: `58` and `min`, or the state's mark alone. */
export function dialText(isTimed: boolean, secondsLeft: number | null, mark: string) {
  if (!isTimed || secondsLeft === null) return { number: mark, unit: '' };
  if (secondsLeft < 90) return { number: String(secondsLeft), unit: 's' };
  if (secondsLeft < 5400) return { number: String(Math.floor(secondsLeft / 60)), unit: 'min' };
  if (secondsLeft < 172_800) return { number: String(Math.floor(secondsLeft / 3600)), unit: 'h' };
  return { number: String(Math.floor(secondsLeft / 86_400)), unit: 'd' };
}

function inSeconds(now: Date, seconds: number) {
  return moment(new Date(now.getTime() + seconds * 1000));
}

function fraction(seconds: number | null, lifetime: number | null): number {
  if (seconds === null || lifetime === null || lifetime <= 0) return 0;
  return Math.round(Math.min(1, Math.max(0, seconds / lifetime)) * 10_000) / 10_000;
}

function marginFraction({ expiresIn, nextCheckIn, lifetimeSeconds }: GrantTelling): number | null {
  if (expiresIn === null || nextCheckIn === null || lifetimeSeconds === null) return null;
  return fraction(Math.max(0, expiresIn - nextCheckIn), lifetimeSeconds);
}
