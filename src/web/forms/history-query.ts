import { EXCHANGE_OUTCOMES, type ExchangeOutcome } from '../../kernel/exchange.ts';
import { type FieldFault, InvalidInput } from '../../kernel/errors.ts';
import type { ExchangeFilters } from '../presenters/exchange-list.ts';

/** Where a page of the history goes on: after this exchange. */
export interface Cursor {
  readonly startedAt: Date;
  readonly id: string;
}

/** Filters as a query understands them. */
export interface HistoryQuery {
  readonly method?: string;
  readonly status?: number | '1xx' | '2xx' | '3xx' | '4xx' | '5xx';
  readonly outcome?: ExchangeOutcome;
}

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The filters as they stand in the URL; an empty text is no filter. */
export function historyFilters(query: URLSearchParams): ExchangeFilters {
  const text = (name: string) => query.get(name)?.trim() ?? '';
  return {
    connection: text('connection'),
    method: text('method').toUpperCase(),
    status: text('status').toLowerCase(),
    outcome: text('outcome'),
  };
}

/** Checks filters. Throws `InvalidInput` with a pointer each. */
export function readHistoryQuery({ method, status, outcome }: ExchangeFilters): HistoryQuery {
  const faults: FieldFault[] = [];
  if (!/^[A-Z0-9!#$%&'*+.^_`|~-]{0,20}$/.test(method))
    faults.push({ pointer: '/method', detail: 'A method is a single word.' });
  if (!/^(?:[1-5]xx|[1-5]\d\d)?$/.test(status))
    faults.push({ pointer: '/status', detail: 'Write a status such as 404, or a class such as 4xx.' });
  const known = EXCHANGE_OUTCOMES.find((one) => one === outcome);
  if (outcome !== '' && !known)
    faults.push({ pointer: '/outcome', detail: `An outcome is one of ${EXCHANGE_OUTCOMES.join(', ')}.` });
  if (faults.length > 0) throw new InvalidInput(faults);
  return {
    ...(method && { method }),
    ...(status && { status: status.endsWith('xx') ? (status as '2xx') : Number(status) }),
    ...(known && { outcome: known }),
  };
}

/** The cursor as text for a URL; opaque to whoever carries it. */
export function writeCursor({ startedAt, id }: Cursor): string {
  return Buffer.from(`${startedAt.getTime()}.${id}`).toString('base64url');
}

/** Throws `InvalidInput` for a text that is no cursor of ours. */
export function readCursor(text: string | null): Cursor | null {
  if (!text) return null;
  const [time = '', id = '', ...more] = Buffer.from(text, 'base64url').toString().split('.');
  if (!/^\d{1,15}$/.test(time) || !ID.test(id) || more.length > 0)
    throw new InvalidInput([{ pointer: '/cursor', detail: 'This is no cursor of ours. Start from the first page.' }]);
  return { startedAt: new Date(Number(time)), id };
}
