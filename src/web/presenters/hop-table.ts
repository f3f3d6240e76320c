import type { Hop } from '../../kernel/exchange.ts';
import { connectionWord } from './call-timing.ts';
import { durationText } from './measures.ts';
import { timingBars } from './timing-bars.ts';

const OPENING = ['dns', 'connect', 'tls'] as const;
const AFTER = ['send', 'firstByte', 'receive'] as const;

/** Each request on the wire with its own times; a phase that did not happen has none. */
export function hopTable(hops: readonly Hop[]) {
  return hops.map((hop) => {
    const { attempt, method, url, status, timings } = hop;
    const time = (name: keyof typeof timings) => (timings[name] === null ? null : durationText(timings[name]));
    return {
      attempt,
      method,
      url,
      status,
      tone: status === null ? 'failed' : `s${Math.floor(status / 100)}`,
      isReused: connectionWord(hop) === 'reused',
      wait: time('wait'),
      opening: OPENING.map(time),
      after: AFTER.map(time),
      duration: durationText(timings.total),
      timing: timingBars(timings),
    };
  });
}
