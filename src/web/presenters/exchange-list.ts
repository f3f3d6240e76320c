import { EXCHANGE_KINDS, EXCHANGE_OUTCOMES } from '../../kernel/exchange.ts';
import { EXPORT_FORMATS } from '../../services/exchanges/exports/export-formats.ts';
import { type ExchangeLine, exchangeRow, KIND_WORDS } from './exchange-row.ts';

/** Filters of the history as they stand in its URL; an empty text is no filter. */
export interface ExchangeFilters {
  readonly connection: string;
  readonly method: string;
  readonly status: string;
  readonly outcome: string;
  readonly kind: string;
  readonly pinned: string;
}

/** No filter at all. */
export const NO_FILTERS: ExchangeFilters = {
  connection: '',
  method: '',
  status: '',
  outcome: '',
  kind: '',
  pinned: '',
};

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];
const PINNED = [
  ['true', 'Pinned'],
  ['false', 'Not pinned'],
] as const;
const STATUSES = ['2xx', '3xx', '4xx', '5xx'];

/** A page of the history: rows newest first, the filters, and the way to older ones. `older` is a URL or null. */
export interface ExchangeListParts {
  readonly exchanges: readonly ExchangeLine[];
  readonly filters: ExchangeFilters;
  /** Connections to choose from. */
  readonly connections: readonly { readonly slug: string; readonly name: string }[];
  readonly older: string | null;
  /** Whether this page is the newest. */
  readonly isFirst: boolean;
  /** Where whoever looks may import calls. */
  readonly canImport?: boolean;
  /** Where whoever looks may delete what matches. */
  readonly canDelete?: boolean;
}

/** What the history shows. */
export function exchangeList(
  { exchanges, filters, connections, older, isFirst, canDelete, canImport }: ExchangeListParts,
  now: Date,
) {
  return {
    title: 'History',
    rows: exchanges.map((exchange) => exchangeRow(exchange, now)),
    isFiltered: Object.values(filters).some((value) => value !== ''),
    older,
    downloads: EXPORT_FORMATS.map(({ id, label }) => ({ label, href: `/exchanges.${id}${query(filters)}` })),
    importHref: canImport ? '/exchanges/import' : null,
    deletionHref: canDelete ? `/exchanges/deletion${query(filters)}` : null,
    newest: isFirst ? null : `/exchanges${query(filters)}`,
    choices: [
      choice(
        'connection',
        'Connection',
        filters.connection,
        connections.map(({ slug, name }) => [slug, name]),
      ),
      choice('method', 'Method', filters.method, METHODS.map(twice)),
      choice('status', 'Status', filters.status, STATUSES.map(twice)),
      choice('outcome', 'Outcome', filters.outcome, EXCHANGE_OUTCOMES.map(twice)),
      choice(
        'kind',
        'Kind',
        filters.kind,
        EXCHANGE_KINDS.map((kind) => [kind, KIND_WORDS[kind]]),
      ),
      choice('pinned', 'Pin', filters.pinned, PINNED),
    ],
  };
}
export type ExchangeList = ReturnType<typeof exchangeList>;

function choice(name: string, label: string, chosen: string, known: readonly (readonly [string, string])[]) {
  const listed = chosen === '' || known.some(([value]) => value === chosen) ? known : [...known, twice(chosen)];
  const options = listed.map(([value, text]) => ({ value, text, isChosen: value === chosen }));
  return { name, label, options };
}

function twice(value: string): readonly [string, string] {
  return [value, value];
}

function query(filters: ExchangeFilters): string {
  const given = Object.entries(filters).filter(([, value]) => value !== '');
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}
