import type { Hop } from '../../kernel/exchange.ts';
import type { Exchange } from '../../model/exchange.ts';
import { timingBars } from './timing-bars.ts';

/** What opening a connection took, in words, told by the phases of a request. */
export function connectionWord({ reusedConnection, timings }: Hop): 'reused' | 'new' | 'none' {
  if (timings.send === null) return 'none';
  return reusedConnection ? 'reused' : 'new';
}

const CONNECTIONS = {
  reused: 'Reused connection: no DNS, connect or TLS.',
  new: 'New connection.',
  none: 'No connection came about.',
} as const;

/** The phases of a call as bars, and what is to be known of them; null where nothing was measured. */
export function callTiming({ timings, hops, attempts }: Pick<Exchange, 'timings' | 'hops' | 'attempts'>) {
  if (!timings) return null;
  const inHops = hops.reduce((sum, hop) => sum + hop.timings.total, 0);
  const between = attempts > 1 ? { between: Math.max(0, timings.total - inHops) } : {};
  const [first] = hops;
  const note = !first ? null : hops.length > 1 ? addedUp(hops, attempts) : CONNECTIONS[connectionWord(first)];
  return { ...timingBars({ ...timings, ...between }), note };
}

function addedUp(hops: readonly Hop[], attempts: number): string {
  const again = attempts > 1 ? ', and what lay between the attempts (a new token, or a nonce)' : '';
  return `Added up over ${hops.length} requests${again}. Each has its own times below.`;
}
