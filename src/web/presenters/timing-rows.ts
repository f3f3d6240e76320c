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
      by: one === null || other === null ? null : differenceText(tenths(other) - tenths(one)),
    };
  }).filter((row) => row.left !== null || row.right !== null);
}

/** Told by what is shown: nobody sees less than a tenth of a millisecond. */
function tenths(milliseconds: number): number {
  return Math.round(milliseconds * 10);
}

function differenceText(by: number): string {
  if (by === 0) return 'same';
  return `${by < 0 ? '−' : '+'}${durationText(Math.abs(by) / 10)}`;
}
