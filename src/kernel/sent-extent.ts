import type { ExchangeKind, ExchangeOutcome, Hop } from './exchange.ts';

/** How much of a request was handed to the network: no byte of it, its head and not all of its body, or all of it. */
export const SENT_EXTENTS = ['nothing', 'part', 'whole'] as const;
export type SentExtent = (typeof SENT_EXTENTS)[number];

/** How much of one request left us, told by the phases it came to. */
export function extentOfHop({ timings }: Pick<Hop, 'timings'>): SentExtent {
  if (timings.send === null) return 'nothing';
  return timings.firstByte === null ? 'part' : 'whole';
}

interface Told {
  readonly kind: ExchangeKind;
  readonly outcome: ExchangeOutcome;
  readonly hops: readonly Hop[];
}

/**
 * How much left us of that request of a call of which most did: only after `nothing` is another try certain to be the
 * first. Null where nobody knows: the process that knew is gone or still at it, or the call was never ours.
 */
export function extentSent({ kind, outcome, hops }: Told): SentExtent | null {
  if (kind === 'imported' || outcome === 'pending' || outcome === 'interrupted') return null;
  const extents = new Set(hops.map(extentOfHop));
  return SENT_EXTENTS.findLast((extent) => extents.has(extent)) ?? 'nothing';
}
