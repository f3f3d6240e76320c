import type { Exchange } from '../../model/exchange.ts';
import type { Selected } from '../../services/exchanges/exchange-removal.ts';
import { type ExchangeFilters, filterWords, historyQuery, searchNotes } from './exchange-list.ts';
import { exchangeResult, KIND_WORDS, placeOf } from './exchange-row.ts';
import { moment } from './measures.ts';

/** What asks before one exchange is deleted. */
export function exchangeDeletePage(exchange: Exchange, isPinned: boolean) {
  const href = `/exchanges/${exchange.id}`;
  return {
    title: 'Delete this exchange?',
    lead: `${exchange.method} ${placeOf(exchange.url).path}`,
    facts: `${exchange.connectionName ?? KIND_WORDS[exchange.kind]}, ${exchangeResult(exchange).text}, ${moment(exchange.startedAt).text}`,
    note: isPinned ? 'It is pinned: somebody wanted it kept.' : null,
    notes: [] as string[],
    removed: null,
    button: 'Delete it',
    action: `${href}/deletion`,
    keepHref: href,
    keep: 'Keep it',
    fields: [] as { name: string; value: string }[],
  };
}

/** How a deletion ended, from the word that the history's address carries then; null for any other. */
export function exchangeDeletionWords(kind: string): string | null {
  return kind === 'one' ? 'The exchange is deleted.' : null;
}

/**
 * What asks before a selection is deleted, and between its parts; `removed` says how many are gone already. What comes after
 * `asked` stays.
 */
export function selectionDeletePage(
  { count, pinned, pending, isMore, search }: Selected,
  filters: ExchangeFilters,
  removed: number | null,
  asked: Date,
) {
  const given = Object.entries(filters).filter(([, value]) => value !== '');
  const words = filterWords(filters);
  const what = words.length > 0 ? `that match ${words.join(', ')}` : 'of this workspace';
  const isNone = count === 0 && !isMore;
  const isOver = isNone && removed !== null && removed > 0;
  const isOne = count === 1 && !isMore;
  const them = isOne ? 'it' : 'them';
  const ended = pending > 0 ? ' that have come to their end' : '';
  return {
    title: isOver ? 'Deleted' : isNone ? 'Nothing to delete' : `Delete ${numberText(count, isMore)}?`,
    lead: isNone ? `There are no exchanges ${isOver ? 'left ' : ''}${what}${ended}.` : `Exchanges ${what}.`,
    facts: null,
    note: pinned > 0 ? pinnedText(pinned, isOne) : null,
    notes: [...(pending > 0 ? [pendingText(pending)] : []), ...searchNotes(search && { ...search, reached: null })],
    removed: removed === null ? null : goneText(removed, isOver),
    button: isNone ? null : removed === null ? `Delete ${them}` : 'Go on',
    action: '/exchanges/deletion',
    keepHref: `/exchanges${historyQuery(filters)}`,
    keep: isNone || removed !== null ? 'Back to the history' : `Keep ${them}`,
    fields: [
      ...given.map(([name, value]) => ({ name, value })),
      { name: 'asked', value: asked.toISOString() },
      { name: 'removed', value: String(removed ?? 0) },
    ],
  };
}

function numberText(count: number, isMore: boolean): string {
  if (isMore && count === 0) return 'what a longer search finds';
  return `${isMore ? 'at least ' : ''}${count.toLocaleString('en')} ${exchangesOf(count)}`;
}

function pendingText(pending: number): string {
  const [are, their] = pending === 1 ? ['is', 'its'] : ['are', 'their'];
  return `${pending.toLocaleString('en')} ${exchangesOf(pending)} ${are} still on ${their} way, and ${pending === 1 ? 'stays' : 'stay'}.`;
}

function pinnedText(pinned: number, isOne: boolean): string {
  const which = isOne ? 'It' : `${pinned.toLocaleString('en')} of them`;
  return `${which} ${pinned === 1 ? 'is' : 'are'} pinned, and would go too.`;
}

function goneText(removed: number, isOver: boolean): string {
  return `${removed.toLocaleString('en')} ${exchangesOf(removed)} ${removed === 1 ? 'is' : 'are'} deleted${isOver ? '' : ' so far'}.`;
}

function exchangesOf(count: number): string {
  return count === 1 ? 'exchange' : 'exchanges';
}
