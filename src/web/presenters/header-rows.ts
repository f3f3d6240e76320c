import type { HeaderPairs } from '../../kernel/headers.ts';
import { REDACTED } from '../../kernel/masker.ts';

/** A header of two exchanges; null where one has none of that name. `unknown`: both were masked. */
export interface HeaderRow {
  readonly name: string;
  readonly left: string | null;
  readonly right: string | null;
  readonly state: 'same' | 'changed' | 'added' | 'removed' | 'unknown';
}

/** Headers side by side, by name whatever its case; of one that stands several times the first beside the first. */
export function headerRows(left: HeaderPairs, right: HeaderPairs): HeaderRow[] {
  const rest = right.map(([name, value]) => ({ name, value, isTaken: false }));
  const rows = left.map(([name, value]): HeaderRow => {
    const other = rest.find((one) => !one.isTaken && one.name.toLowerCase() === name.toLowerCase());
    if (!other) return { name, left: value, right: null, state: 'removed' };
    other.isTaken = true;
    const names = other.name === name ? name : `${name}, then ${other.name}`;
    return { name: names, left: value, right: other.value, state: stateOf(value, other.value, other.name === name) };
  });
  const added = rest.filter(({ isTaken }) => !isTaken);
  return [...rows, ...added.map(({ name, value }): HeaderRow => ({ name, left: null, right: value, state: 'added' }))];
}

function stateOf(left: string, right: string, isSameName: boolean): HeaderRow['state'] {
  if (left !== right || !isSameName) return 'changed';
  return left.includes(REDACTED) ? 'unknown' : 'same';
}
