import { mayAct, type Role } from '../../kernel/role.ts';
import { connectionRow, type ToldConnection } from './connection-list.ts';
import { type ExchangeLine, exchangeRow } from './exchange-row.ts';
import { moment, sizeText } from './measures.ts';

/** What the home page is made of; `hasPractice` says whether the practice API runs. */
export interface HomePageParts {
  readonly connections: readonly ToldConnection[];
  readonly latest: readonly ExchangeLine[];
  readonly role: Role;
  /** How much is on record here, and what the database of all workspaces takes. */
  readonly size: {
    readonly record: { readonly exchanges: number; readonly bodyBytes: number; readonly oldest: Date | null };
    readonly database: { readonly bytes: number; readonly freeBytes: number };
  };
  readonly hasPractice: boolean;
}

const WELL = ['fresh', 'static', 'due', 'refreshing'];

/** What the home page shows: is everything fresh, and what happened lately. */
export function homePage({ connections, latest, role, hasPractice, size }: HomePageParts, now: Date) {
  const rows = connections.map((told) => connectionRow(told, now));
  const troubled = rows.filter(({ grant }) => !WELL.includes(grant.state)).length;
  return {
    title: 'Home',
    isEmpty: rows.length === 0,
    headline: headline(rows.length, troubled),
    connections: rows,
    latest: latest.map((exchange) => exchangeRow(exchange, now)),
    sizes: sizeWords(size, role),
    hasHistory: rows.length > 0 || size.record.oldest !== null,
    canCreate: mayAct(role, 'editor'),
    hasPractice,
  };
}

function sizeWords({ record, database }: HomePageParts['size'], role: Role): string | null {
  if (!record.oldest) return null;
  const { exchanges, bodyBytes, oldest } = record;
  const count = `${exchanges.toLocaleString('en')} ${exchanges === 1 ? 'exchange' : 'exchanges'}`;
  const here = `${count} on record since ${moment(oldest).text}, with ${sizeText(bodyBytes)} of bodies.`;
  if (role !== 'owner') return here;
  return `${here} The database takes ${sizeText(database.bytes)}, of which ${sizeText(database.freeBytes)} are free.`;
}

function headline(count: number, troubled: number): string {
  if (troubled === 0) return count === 1 ? 'The one grant is in order.' : `All ${count} grants are in order.`;
  if (count === 1) return 'The one grant wants a look.';
  return troubled === 1 ? `1 of ${count} grants wants a look.` : `${troubled} of ${count} grants want a look.`;
}
