import { z } from 'zod';
import { EXCHANGE_KINDS, EXCHANGE_OUTCOMES } from '../../kernel/exchange.ts';
import { cursorOf, queryFlag, queryInteger, queryMoment } from '../api/schemas/list.ts';
import type { Direction } from '../../kernel/search.ts';
import type { Place, Selection } from '../../services/exchanges/exchange-selection.ts';
import { type ExchangeFilters, FILTER_NAMES } from '../presenters/exchange-list.ts';
import { readForm } from './read-form.ts';

const MOST = 2 ** 31 - 1;
const STATUS_SENTENCE = 'Write a status such as 404, or a class such as 4xx.';
const line = (description: string) =>
  z.string().min(1, 'Write something, or leave it out.').max(254).meta({ description });

/** Where a page of the history goes on: after the exchange of this time and id. */
export const historyCursor = cursorOf(z.tuple([z.int().min(0).max(8.64e15), z.uuid()]));

/** Filters of the history as they stand in a query; each may be left out. */
export const historyFilter = z.object({
  q: z
    .string()
    .trim()
    .min(1, 'Write something, or leave it out.')
    .max(500, 'Write 500 characters or fewer.')
    .optional()
    .meta({
      description:
        'Free text in method, URL, headers and the first 256 KiB of text bodies, as a query of SQLite’s FTS5: words that ' +
        'all have to be there, `"phrases"`, `begin*` with three letters at least, `AND`, `OR`, `NOT`, and columns as in ' +
        '`url:orders`; what is no such query is taken as plain words. Exchanges can be found about a second after they ended. A page may hold fewer ' +
        'than asked for and still have a `next`, where the search ran out of time.',
      examples: ['invoice 4711', 'response_body:"not enough stock"'],
    }),
  connection: line(
    'The slug of a connection: its exchanges, whatever it was called when they were recorded. Where no connection has it ' +
      'now, those that were recorded under it of connections that are deleted.',
  ).optional(),
  method: z
    .string()
    .trim()
    .toUpperCase()
    .regex(/^[A-Z0-9!#$%&'*+.^_`|~-]{1,20}$/, 'A method is a single word.')
    .optional(),
  status: z
    .string()
    .trim()
    .toLowerCase()
    .regex(/^(?:[1-5]xx|[1-5]\d\d)$/, STATUS_SENTENCE)
    .transform((text) => (text.endsWith('xx') ? (text as `${1 | 2 | 3 | 4 | 5}xx`) : Number(text)))
    .optional()
    .meta({ description: 'A status, or its class such as `4xx`.', examples: ['404', '4xx'] }),
  outcome: z.enum(EXCHANGE_OUTCOMES, `An outcome is one of ${EXCHANGE_OUTCOMES.join(', ')}.`).optional(),
  kind: z.enum(EXCHANGE_KINDS, `A kind is one of ${EXCHANGE_KINDS.join(', ')}.`).optional(),
  generation: queryInteger(0, MOST).optional().meta({ description: 'Of the token that was used.' }),
  sentBy: line('Exactly as the record shows it: an e-mail address, or `API key` and the key’s name.').optional(),
  minMs: queryInteger(0, MOST).optional().meta({ description: 'Took at least so many milliseconds in all.' }),
  minBytes: queryInteger(0, MOST)
    .optional()
    .meta({ description: 'At least so many bytes of the answer’s body are kept.' }),
  pinned: queryFlag().optional().meta({ description: 'Whether somebody has pinned it.' }),
  since: queryMoment().optional().meta({ description: 'Began then or later.' }),
  until: queryMoment().optional().meta({ description: 'Began before.' }),
});

/** What filters ask the history for, and where it goes on. */
export function historyWish({ cursor, ...filters }: Filter & { cursor?: Cursor | undefined }) {
  return { selection: selectionOf(filters), place: placeOf(cursor, 'older') };
}

/** What filters select. */
export function selectionOf({ q, connection, ...filter }: Filter): Selection {
  return { filter, text: q ?? null, connection };
}

function placeOf(cursor: Cursor | undefined, direction: Direction): Place {
  return cursor ? { from: { startedAt: new Date(cursor[0]), id: cursor[1] }, direction } : null;
}

type Cursor = z.output<typeof historyCursor>;
type Filter = z.output<typeof historyFilter>;

/** The cursor's parts: what lists of exchanges are ordered by. */
export function cursorParts(last: { readonly startedAt: Date; readonly id: string } | null) {
  return last && ([last.startedAt.getTime(), last.id] as const);
}

/** The filters that a page offers as they stand in its URL; an empty text is no filter. */
export function historyFilters(query: URLSearchParams): ExchangeFilters {
  const text = (name: string) => query.get(name)?.trim() ?? '';
  const given = Object.fromEntries(FILTER_NAMES.map((name) => [name, text(name)])) as unknown as ExchangeFilters;
  return { ...given, method: given.method.toUpperCase(), status: given.status.toLowerCase() };
}

/** What a page's filters select. Throws `InvalidInput` with a pointer each. */
export function readHistoryFilters(filters: ExchangeFilters): Selection {
  return selectionOf(readForm(historyFilter, given(filters)));
}

const page = historyFilter.extend({ cursor: historyCursor, newer: historyCursor });

/** What a page of the history asks for: its filters, and where it begins. Throws `InvalidInput` with a pointer each. */
export function readHistoryQuery(query: URLSearchParams) {
  const places = { cursor: query.get('cursor') ?? '', newer: query.get('newer') ?? '' };
  const { cursor, newer, ...filters } = readForm(page, given({ ...historyFilters(query), ...places }));
  return { selection: selectionOf(filters), place: placeOf(newer, 'newer') ?? placeOf(cursor, 'older') };
}

function given(texts: object) {
  return Object.fromEntries(Object.entries(texts).filter(([, value]) => value !== ''));
}
