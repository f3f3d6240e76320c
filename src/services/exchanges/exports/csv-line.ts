import type { ExchangeRecord } from '../../../db/queries/exchanges.ts';

/** The columns, after those of the history. */
const COLUMNS: readonly (readonly [heading: string, cell: (record: ExchangeRecord) => string | number | null])[] = [
  ['Started', ({ startedAt }) => startedAt.toISOString()],
  ['Method', ({ method }) => method],
  ['URL', ({ url }) => url],
  ['Outcome', ({ outcome }) => outcome],
  ['Status', ({ status }) => status],
  ['Reason', ({ reason }) => reason],
  ['Milliseconds', ({ timings }) => timings && toMicroseconds(timings.total)],
  ['Bytes received', ({ responseBody }) => responseBody?.bytes ?? null],
  ['Connection', ({ connectionSlug }) => connectionSlug],
  ['Kind', ({ kind }) => kind],
  ['Generation', ({ generation }) => generation],
  ['Attempts', ({ attempts }) => attempts],
  ['Sent by', ({ sentBy }) => sentBy],
  ['Pin', ({ pinNote }) => (pinNote === '' ? 'pinned' : pinNote)],
  ['Id', ({ id }) => id],
];

/** Spreadsheets take UTF-8 for something else unless a byte order mark stands before it. */
const BYTE_ORDER_MARK = '\ufeff';
/** What a spreadsheet would take for a formula, or would strip until it is one. */
const FORMULA = /^[=+\-@\t\r]/;

/** The byte order mark and the header line. */
export const CSV_HEAD = `${BYTE_ORDER_MARK}${lineOf(COLUMNS.map(([heading]) => heading))}`;

/** An exchange as a line of CSV (RFC 4180). An apostrophe keeps a text from being a formula. */
export function csvLine(record: ExchangeRecord): string {
  return lineOf(COLUMNS.map(([, cell]) => cell(record)));
}

/** Milliseconds without the digits that no clock has measured. */
function toMicroseconds(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}

function lineOf(cells: readonly (string | number | null)[]): string {
  return `${cells.map((cell) => (typeof cell === 'string' ? quoted(cell) : `${cell ?? ''}`)).join(',')}\r\n`;
}

function quoted(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
