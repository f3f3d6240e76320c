import { mayAct, type Role } from '../../kernel/role.ts';
import { connectionRow, type ToldConnection } from './connection-list.ts';
import { type ExchangeLine, exchangeRow } from './exchange-row.ts';
import { GRANT_WORDS } from './grant-words.ts';

/** What the home page is made of; `hasPractice` says whether the practice API runs. */
export interface HomePageParts {
  readonly connections: readonly ToldConnection[];
  readonly latest: readonly ExchangeLine[];
  readonly role: Role;
  readonly hasPractice: boolean;
}

const WELL = ['fresh', 'static', 'due', 'refreshing'];

/** What the home page shows: is everything fresh, and what happened lately. */
export function homePage({ connections, latest, role, hasPractice }: HomePageParts, now: Date) {
  const rows = connections.map((told) => connectionRow(told, now));
  const troubled = rows.filter(({ grant }) => !WELL.includes(grant.state)).length;
  return {
    title: 'Home',
    isEmpty: rows.length === 0,
    headline: headline(rows.length, troubled),
    isWell: troubled === 0,
    connections: rows,
    latest: latest.map((exchange) => exchangeRow(exchange, now)),
    canCreate: mayAct(role, 'editor'),
    hasPractice,
    words: JSON.stringify(GRANT_WORDS),
  };
}

function headline(count: number, troubled: number): string {
  if (troubled === 0) return count === 1 ? 'The one grant is in order.' : `All ${count} grants are in order.`;
  if (count === 1) return 'The one grant wants a look.';
  return troubled === 1 ? `1 of ${count} grants wants a look.` : `${troubled} of ${count} grants want a look.`;
}
