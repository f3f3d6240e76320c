import type { GrantTelling, ToldGrantState } from '../../kernel/grant-telling.ts';
import { mayAct, type Role } from '../../kernel/role.ts';
import type { Connection } from '../../model/connection.ts';
import { composer, EMPTY_COMPOSER, type ComposerValues } from './composer.ts';
import { authWord } from './connection-list.ts';
import { exchangePage, type ExchangeParts } from './exchange-page.ts';
import { type ExchangeLine, exchangeRow } from './exchange-row.ts';
import { firstRequest } from './first-request.ts';
import { grantView } from './grant-view.ts';

/** States in which a grant holds tokens. */
const HELD: readonly ToldGrantState[] = ['fresh', 'due', 'expired', 'refreshing', 'ambiguous'];

/** What a connection's page is made of. `answer` is the exchange that was just sent; `refusal` why nothing was. */
export interface ConnectionPageParts {
  readonly connection: Connection;
  readonly telling: GrantTelling;
  readonly recent: readonly ExchangeLine[];
  readonly role: Role;
  readonly prefill?: ComposerValues | null;
  readonly errors?: Readonly<Record<string, string>>;
  readonly answer?: ExchangeParts | null;
  readonly refusal?: string | null;
}

/** What a connection's page shows: its grant, the composer with the answer beside it, and what happened lately. */
export function connectionPage(parts: ConnectionPageParts, now: Date) {
  const { connection, telling, recent, role } = parts;
  const href = `/connections/${connection.slug}`;
  const wasRefused = Boolean(parts.refusal) || Object.keys(parts.errors ?? {}).length > 0;
  const first = parts.prefill ? null : firstRequest(connection);
  return {
    title: connection.name,
    name: connection.name,
    slug: connection.slug,
    href,
    baseUrl: connection.baseUrl.replace(/\/+$/, ''),
    authWord: authWord(connection),
    grant: grantView(telling, now),
    hasGrant: connection.auth.type === 'oauth2',
    composer: composer(parts.prefill ?? first ?? EMPTY_COMPOSER, parts.errors ?? {}),
    answer: parts.answer ? exchangePage(parts.answer, now) : null,
    refusal: parts.refusal ?? null,
    nothingSent: nothingSent(wasRefused, first !== null, telling.action !== null),
    recent: recent.map((exchange) => exchangeRow(exchange, now)),
    historyHref: `/exchanges?connection=${encodeURIComponent(connection.slug)}`,
    canSend: mayAct(role, 'editor'),
    canEdit: mayAct(role, 'editor'),
    canDelete: mayAct(role, 'owner'),
    canDisconnect: mayAct(role, 'owner') && HELD.includes(telling.state),
  };
}

/** What stands in place of an answer. */
function nothingSent(wasRefused: boolean, isReady: boolean, needsPerson: boolean): string {
  if (wasRefused) return 'Nothing was sent. What stands in the way is said with the call.';
  if (isReady && needsPerson) return 'A first call is ready. It can go out once there is a grant.';
  if (isReady) return 'A first call is ready. Send it, and its answer stands here: status, timing, headers and body.';
  return 'Nothing sent from here yet. The answer will stand here: status, timing, headers and body, exactly as they came.';
}

/** What the page shows that asks whether a connection is to go. */
export function connectionDeletePage(connection: Connection) {
  return {
    title: `Delete ${connection.name}`,
    name: connection.name,
    href: `/connections/${connection.slug}`,
    tellsProvider: tellsProvider(connection),
  };
}

const DELETED = 'The connection is deleted. Its exchanges stay in the history.';
const DELETIONS: ReadonlyMap<string, string> = new Map([
  ['revoked', `${DELETED} Its provider has revoked the tokens.`],
  [
    'failed',
    `${DELETED} Its provider did not confirm that the tokens are revoked: they may work elsewhere until they end. The history has the call.`,
  ],
  ['not-asked', DELETED],
]);

/** How a deletion ended, from the word its address carries; null for any other. */
export function deletionWords(kind: string): string | null {
  return DELETIONS.get(kind) ?? null;
}

function tellsProvider({ auth }: Connection): boolean {
  return auth.type === 'oauth2' && auth.revocationUrl !== null;
}

/** What the page shows that asks whether a grant is to be given back. */
export function disconnectPage(connection: Connection) {
  const { name, slug } = connection;
  return {
    title: `Disconnect ${name}`,
    name,
    href: `/connections/${slug}`,
    tellsProvider: tellsProvider(connection),
  };
}
