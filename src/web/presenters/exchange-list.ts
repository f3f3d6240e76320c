import { EXCHANGE_KINDS, EXCHANGE_OUTCOMES } from '../../kernel/exchange.ts';
import type { Hit, TakenAs } from '../../kernel/search.ts';
import type { SearchColumn } from '../../kernel/search-document.ts';
import type { Searched } from '../../services/exchanges/exchange-selection.ts';
import { EXPORT_FORMATS } from '../../services/exchanges/exports/export-formats.ts';
import type { Total } from '../../services/exchanges/history-total.ts';
import { type ExchangeLine, exchangeRow, KIND_WORDS } from './exchange-row.ts';
import { moment } from './measures.ts';

/** The filters of the history by their names in a URL, in the order a page shows them. */
export const FILTER_NAMES = [
  'q',
  'connection',
  'method',
  'status',
  'outcome',
  'kind',
  'pinned',
  'since',
  'until',
  'minMs',
  'minBytes',
  'generation',
  'sentBy',
] as const;

/** Filters of the history as they stand in its URL; an empty text is no filter. */
export type ExchangeFilters = Readonly<Record<(typeof FILTER_NAMES)[number], string>>;

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];
const PINNED = [
  ['true', 'Pinned'],
  ['false', 'Not pinned'],
] as const;

const HIT_WORDS: Readonly<Record<SearchColumn, string>> = {
  method: 'method',
  url: 'URL',
  request_headers: 'request headers',
  request_body: 'request body',
  response_headers: 'response headers',
  response_body: 'response body',
};

const TAKEN_WORDS: Readonly<Record<TakenAs, string | null>> = {
  query: null,
  words: 'The words were looked for as they stand.',
  'words-for-beginnings':
    'The words were looked for as they stand: the beginning of a word needs three letters before its asterisk.',
  nothing: 'There is no word in it to look for: words are letters and digits.',
};

/** How filters are said in a sentence, in the words of their form. */
const SAID: Readonly<Record<keyof ExchangeFilters, (value: string) => string>> = {
  q: (text) => `the text “${text}”`,
  connection: (slug) => `connection ${slug}`,
  method: (method) => `method ${method}`,
  status: (status) => `status ${status}`,
  outcome: (outcome) => `outcome ${outcome}`,
  kind: (kind) => `kind “${(KIND_WORDS as Readonly<Record<string, string>>)[kind] ?? kind}”`,
  pinned: (flag) => (new Map<string, string>(PINNED).get(flag) ?? flag).toLowerCase(),
  since: (moment) => `from ${moment} (UTC)`,
  until: (moment) => `before ${moment} (UTC)`,
  minMs: (number) => `took at least ${number} ms`,
  minBytes: (number) => `answer at least ${number} bytes`,
  generation: (number) => `generation ${number}`,
  sentBy: (name) => `sent by ${name}`,
};

/** What the filters say, each in the words of their form. */
export function filterWords(filters: ExchangeFilters): string[] {
  return FILTER_NAMES.filter((name) => filters[name] !== '').map((name) => SAID[name](filters[name]));
}

interface ConnectionChoice {
  readonly slug: string;
  readonly name: string;
}

/** A page of the history: rows newest first, the filters, and the ways to the pages beside it, as URLs or null. */
export interface ExchangeListParts {
  readonly exchanges: readonly ExchangeLine[];
  readonly filters: ExchangeFilters;
  /** What is wrong with filters, by their names. */
  readonly errors?: Readonly<Record<string, string>>;
  /** Connections to choose from. */
  readonly connections: readonly ConnectionChoice[];
  /** Deleted ones; those whose slug another has by now cannot be chosen. */
  readonly former?: readonly ConnectionChoice[];
  readonly older: string | null;
  readonly newer: string | null;
  /** Whether this page is the newest. */
  readonly isFirst: boolean;
  /** Where whoever looks may import calls. */
  readonly canImport?: boolean;
  readonly search?: Searched | null;
  /** How many there are in all, where that is said. */
  readonly total?: Total | null;
  /** Where whoever looks may delete what matches. */
  readonly canDelete?: boolean;
}

/** What the history shows. */
export function exchangeList(parts: ExchangeListParts, now: Date) {
  const { exchanges, filters, errors = {}, connections, older, newer, isFirst, canDelete, canImport } = parts;
  const search = parts.search ?? null;
  const more = moreFields(filters, errors);
  return {
    title: 'History',
    rows: exchanges.map((exchange) => ({
      ...exchangeRow(exchange, now),
      hit: hitOf(search?.hits.get(exchange.id)),
    })),
    isRefused: FILTER_NAMES.some((name) => errors[name] !== undefined),
    /** Where the page begins was not to be read; the filters were. */
    startHref: errors[''] === undefined ? null : `/exchanges${historyQuery(filters)}`,
    isFiltered: Object.values(filters).some((value) => value !== ''),
    q: { value: filters.q, error: errors['q'] ?? null },
    total: totalText(parts.total ?? null),
    notes: searchNotes(search),
    older,
    newer: isFirst ? null : newer,
    newest: isFirst ? null : `/exchanges${historyQuery(filters)}`,
    downloads: EXPORT_FORMATS.map(({ id, label }) => ({ label, href: `/exchanges.${id}${historyQuery(filters)}` })),
    importHref: canImport ? '/exchanges/import' : null,
    deletionHref: canDelete ? `/exchanges/deletion${historyQuery(filters)}` : null,
    choices: [
      choice('connection', 'Connection', connectionChoices(connections, parts.former ?? []), filters, errors),
      choice('method', 'Method', METHODS.map(twice), filters, errors),
      choice('outcome', 'Outcome', EXCHANGE_OUTCOMES.map(twice), filters, errors),
      choice(
        'kind',
        'Kind',
        EXCHANGE_KINDS.map((kind) => [kind, KIND_WORDS[kind]] as const),
        filters,
        errors,
      ),
      choice('pinned', 'Pin', PINNED, filters, errors),
    ],
    status: field('status', 'Status', '404 or 4xx', filters, errors),
    more,
    isMoreOpen: more.some(({ value, error }) => value !== '' || error !== null),
  };
}
export type ExchangeList = ReturnType<typeof exchangeList>;

function connectionChoices(connections: readonly ConnectionChoice[], former: readonly ConnectionChoice[]) {
  const choices = new Map(connections.map(({ slug, name }) => [slug, name]));
  for (const { slug, name } of former) if (!choices.has(slug)) choices.set(slug, `${name} (deleted)`);
  return [...choices];
}

function moreFields(filters: ExchangeFilters, errors: Readonly<Record<string, string>>) {
  return [
    field('since', 'From (UTC)', '2026-11-22', filters, errors),
    field('until', 'Before (UTC)', '2026-11-23T09:00Z', filters, errors),
    field('minMs', 'Took at least (ms)', '500', filters, errors),
    field('minBytes', 'Answer at least (bytes)', '1024', filters, errors),
    field('generation', 'Generation', '7', filters, errors),
    field('sentBy', 'Sent by', 'API key ci', filters, errors),
  ];
}

function field(
  name: keyof ExchangeFilters,
  label: string,
  example: string,
  filters: ExchangeFilters,
  errors: Readonly<Record<string, string>>,
) {
  return { name, label, example, value: filters[name], error: errors[name] ?? null };
}

function hitOf(hit: Hit | undefined) {
  return hit ? { where: HIT_WORDS[hit.column], before: hit.before, match: hit.match, after: hit.after } : null;
}

function totalText(total: Total | null): string | null {
  if (!total) return null;
  const number = `${total.exchanges.toLocaleString('en')} ${total.exchanges === 1 ? 'exchange' : 'exchanges'}`;
  return { exactly: number, about: `About ${number}`, 'at-least': `At least ${number}` }[total.how];
}

/** What is to be said of how a search went. */
export function searchNotes(search: Searched | null): string[] {
  if (!search) return [];
  const notes: string[] = [];
  const taken = TAKEN_WORDS[search.takenAs];
  if (taken !== null) notes.push(taken);
  if (search.reached)
    notes.push(
      `The search has gone back to ${moment(search.reached).text}, and then its time was up. “Older” goes on from there.`,
    );
  if (!search.isIndexed) notes.push('The newest exchanges are still being indexed: they can be found in a moment.');
  return notes;
}

function choice(
  name: keyof ExchangeFilters,
  label: string,
  known: readonly (readonly [string, string])[],
  filters: ExchangeFilters,
  errors: Readonly<Record<string, string>>,
) {
  const chosen = filters[name];
  const listed = chosen === '' || known.some(([value]) => value === chosen) ? known : [...known, twice(chosen)];
  const options = listed.map(([value, text]) => ({ value, text, isChosen: value === chosen }));
  return { name, label, options, error: errors[name] ?? null };
}

function twice(value: string): readonly [string, string] {
  return [value, value];
}

/** The filters as the query of an address, with its question mark; an empty text where there are none. */
export function historyQuery(filters: ExchangeFilters): string {
  const given = Object.entries(filters).filter(([, value]) => value !== '');
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}
