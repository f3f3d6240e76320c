import { countBetween, type ExchangeCursor } from '../../db/queries/exchanges.ts';
import { recordedSize } from '../../db/queries/record-sizes.ts';
import type { SelectedPage, Selection } from './exchange-selection.ts';

/** Exchanges counted to find out how dense a selection lies among all; a few milliseconds' work. */
const COUNTED = 20_000;

/** How many exchanges a selection holds; `at-least` is said where nothing better than the page itself is known. */
export interface Total {
  readonly exchanges: number;
  readonly how: 'exactly' | 'about' | 'at-least';
}

/**
 * How many exchanges a selection holds, from its first page: a big table is never counted. What the page holds of the
 * exchanges of its time is taken for what the whole holds. Null where the page holds none and may not be all.
 */
export async function totalOf(
  workspaceId: string,
  { filter, text, connection }: Selection,
  { items, older }: SelectedPage<ExchangeCursor>,
): Promise<Total | null> {
  if (!older) return { exchanges: items.length, how: 'exactly' };
  const { exchanges } = await recordedSize(workspaceId);
  const { since, until, ...others } = filter;
  const isAll =
    text === null && connection === undefined && Object.values(others).every((value) => value === undefined);
  if (isAll && !since && !until) return { exchanges, how: 'exactly' };
  if (items.length === 0) return null;
  const least = { exchanges: items.length, how: 'at-least' } as const;

  const among = since || until ? await countBetween(workspaceId, since ?? FIRST, until ?? LAST, COUNTED) : exchanges;
  const seen = await countBetween(workspaceId, older.startedAt, until ?? LAST, COUNTED);
  if (seen === 0 || seen === COUNTED || ((since || until) && among === COUNTED)) return least;
  const estimate = Math.min(among, Number(((items.length / seen) * among).toPrecision(2)));
  return estimate > items.length ? { exchanges: estimate, how: 'about' } : least;
}

const FIRST = new Date(0);
const LAST = new Date(8.64e15);
