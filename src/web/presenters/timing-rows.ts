import type { Timings } from '../../kernel/exchange.ts';
import { durationText } from './measures.ts';
import { PHASES } from './timing-bars.ts';

const ROWS = [...PHASES, ['total', 'Total, to the last byte']] as const;

/** The phases of two calls side by side, and by how much the second took longer; null where one has none. */
export function timingRows(left: Timings | null, right: Timings | null) {
  return ROWS.map(([name, label]) => {
    const [one, other] = [left?.[name] ?? null, right?.[name] ?? null];
    return {
      label,
      left: one === null ? null : durationText(one),
      right: other === null ? null : durationText(other),
      by: one === null || other === null ? null : `${other < one ? '−' : '+'}${durationText(Math.abs(other - one))}`,
    };
  }).filter((row) => row.left !== null || row.right !== null);
}
