import { z } from 'zod';
import { EXCHANGE_KINDS, EXCHANGE_OUTCOMES } from '../../kernel/exchange.ts';
import { cursorOf, queryFlag, queryInteger, queryMoment } from '../api/schemas/list.ts';
import type { ExchangeFilters } from '../presenters/exchange-list.ts';
import { readForm } from './read-form.ts';

const MOST = 2 ** 31 - 1;
const STATUS_SENTENCE = 'Write a status such as 404, or a class such as 4xx.';
const line = (description: string) =>
  z.string().min(1, 'Write something, or leave it out.').max(254).meta({ description });

/** Where a page of the history goes on: after the exchange of this time and id. */
export const historyCursor = cursorOf(z.tuple([z.int().min(0).max(8.64e15), z.uuid()]));

/** Filters of the history as they stand in a query; each may be left out. */
export const historyFilter = z.object({
  connection: line('The slug that exchanges were recorded under; their connection may be gone by now.').optional(),
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
  sentBy: line('An e-mail address, or an API key’s name; exactly.').optional(),
  minMs: queryInteger(0, MOST).optional().meta({ description: 'Took at least so many milliseconds in all.' }),
  minBytes: queryInteger(0, MOST)
    .optional()
    .meta({ description: 'At least so many bytes of the answer’s body are kept.' }),
  pinned: queryFlag().optional().meta({ description: 'Whether somebody has pinned it.' }),
  since: queryMoment().optional().meta({ description: 'Began then or later.' }),
  until: queryMoment().optional().meta({ description: 'Began before.' }),
});

/** What filters ask the history for, and where it goes on. */
export function historyWish({ cursor, connection, ...filter }: Filter & { cursor?: z.output<typeof historyCursor> }) {
  return {
    filter: { ...filter, connectionSlug: connection },
    cursor: cursor ? { startedAt: new Date(cursor[0]), id: cursor[1] } : null,
  };
}

type Filter = z.output<typeof historyFilter>;

/** The cursor's parts: what lists of exchanges are ordered by. */
export function cursorParts(last: { readonly startedAt: Date; readonly id: string } | null) {
  return last && ([last.startedAt.getTime(), last.id] as const);
}

/** The filters that a page offers as they stand in its URL; an empty text is no filter. */
export function historyFilters(query: URLSearchParams): ExchangeFilters {
  const text = (name: string) => query.get(name)?.trim() ?? '';
  return {
    connection: text('connection'),
    method: text('method').toUpperCase(),
    status: text('status').toLowerCase(),
    outcome: text('outcome'),
    kind: text('kind'),
    pinned: text('pinned'),
  };
}

/** What a page's filters and cursor ask for. Throws `InvalidInput` with a pointer each. */
export function readHistoryQuery(filters: ExchangeFilters, cursor: string | null) {
  const given = Object.entries({ ...filters, cursor }).filter(([, value]) => value !== '' && value !== null);
  return historyWish(readForm(historyFilter.extend({ cursor: historyCursor }), Object.fromEntries(given)));
}
