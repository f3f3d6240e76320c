import type { AuthSettings } from '../../kernel/auth.ts';
import type { HeaderPairs } from '../../kernel/headers.ts';
import { REDACTED } from '../../kernel/masker.ts';
import type { Connection } from '../../model/connection.ts';
import type { Exchange } from '../../model/exchange.ts';

/** Headers that the client puts in by itself, and those that only credentials may be in. */
const OWN_HEADERS = ['host', 'connection', 'content-length', 'transfer-encoding', 'authorization', 'dpop'];

/** The request of an exchange as somebody composed it: without what Callbook added. */
export interface TypedRequest {
  /** What stands after the base URL; all that stands after the origin where the exchange went elsewhere. */
  readonly path: string;
  /** Whether it went to what is the connection's base URL now. */
  readonly isOnBase: boolean;
  /** `at` is where the header stands in the record. */
  readonly headers: readonly { readonly at: number; readonly name: string; readonly value: string }[];
}

interface Parts {
  readonly connection: Pick<Connection, 'baseUrl' | 'headers' | 'auth'>;
  readonly exchange: Pick<Exchange, 'url' | 'requestHeaders'>;
}

/**
 * Takes out of a record what Callbook put into the call by what the connection is now: credentials (masked where they
 * stood), default headers and the client's own. A cookie beside a key in a cookie is masked with it and goes too.
 */
export function typedRequest({ connection, exchange }: Parts): TypedRequest {
  const { auth, baseUrl, headers: defaults } = connection;
  const added = [...OWN_HEADERS, ...credentialHeaders(auth)];
  const headers = exchange.requestHeaders
    .map(([name, value], at) => ({ at, name, value }))
    .filter(({ name, value }) => !added.includes(name.toLowerCase()) && !isDefault(defaults, name, value));
  const url = withoutKey(exchange.url, auth);
  const path = pathOn(baseUrl, url);
  return { path: path ?? url.replace(/^[a-z]+:\/\/[^/?#]*/i, ''), isOnBase: path !== null, headers };
}

function credentialHeaders(auth: AuthSettings): string[] {
  if (auth.type !== 'apiKey' || auth.in === 'query') return [];
  return [auth.in === 'cookie' ? 'cookie' : auth.name.toLowerCase()];
}

function isDefault(defaults: HeaderPairs, name: string, value: string): boolean {
  return defaults.some(([known, kept]) => known.toLowerCase() === name.toLowerCase() && kept === value);
}

/** A key in the query stands at its end and is masked there. */
function withoutKey(url: string, auth: AuthSettings): string {
  if (auth.type !== 'apiKey' || auth.in !== 'query') return url;
  const tail = `${encodeURIComponent(auth.name)}=${REDACTED}`;
  return url.endsWith(`?${tail}`) || url.endsWith(`&${tail}`) ? url.slice(0, -tail.length - 1) : url;
}

/** What stands after the base URL, or null. */
function pathOn(baseUrl: string, url: string): string | null {
  const { origin, pathname } = new URL(baseUrl);
  const base = origin + pathname.replace(/\/$/, '');
  const rest = url.startsWith(base) ? url.slice(base.length) : null;
  return rest !== null && /^(?:[/?]|$)/.test(rest) ? rest : null;
}
