import type { LifeOfGrant } from '../../services/grants/grant-life.ts';
import { durationText, moment } from './measures.ts';

type AttemptLine = LifeOfGrant['attempts'][number];

/** How an attempt ended: a word, and the class of its colour. */
const OUTCOMES: Readonly<Record<string, readonly [word: string, tone: string]>> = {
  granted: ['granted', 's2'],
  refused: ['refused', 's5'],
  misconfigured: ['misconfigured', 's5'],
  transient: ['put off', 's4'],
  ambiguous: ['no answer', 'interrupted'],
  interrupted: ['interrupted', 'interrupted'],
  overtaken: ['overtaken', 's4'],
};
const UNDER_WAY = ['under way', 'pending'] as const;

/** One try to get a new token set, as a row. */
export function attemptRow({ startedAt, endedAt, ...attempt }: AttemptLine) {
  const [word, tone] =
    OUTCOMES[attempt.outcome ?? ''] ?? (endedAt ? [attempt.outcome ?? attempt.state, ''] : UNDER_WAY);
  return {
    href: `/exchanges/${attempt.exchangeId}`,
    startedAt: moment(startedAt),
    generation: attempt.generation,
    newGeneration: attempt.outcome === 'granted' ? attempt.generation + 1 : null,
    result: { text: word, tone, title: attempt.state },
    reason: attempt.reason,
    sentence: attempt.detail ?? (attempt.outcome === 'granted' ? 'The grant holds the new tokens.' : null),
    keepsTokens: attempt.keepsTokens,
    duration: endedAt ? durationText(endedAt.getTime() - startedAt.getTime()) : null,
  };
}
