import type { AuthSettings } from '../../kernel/auth.ts';
import { type HeaderPairs, headerValue } from '../../kernel/headers.ts';
import { REDACTED } from '../../kernel/masker.ts';
import type { Connection } from '../../model/connection.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { ComposerValues, ContentChoice } from './composer.ts';

/** Headers that the client puts in by itself, and the one that only credentials may be in. */
const OWN_HEADERS = ['host', 'connection', 'content-length', 'authorization'];

interface PrefillParts {
  readonly connection: Pick<Connection, 'baseUrl' | 'headers' | 'auth'>;
  readonly exchange: Pick<Exchange, 'method' | 'url' | 'requestHeaders' | 'requestBody'>;
  /** The whole request body as it is kept; null where there is none. */
  readonly requestBytes: Uint8Array | null;
  /** The choice a content type stands for, or null where it is none. */
  readonly choiceOf: (type: string | null) => ContentChoice | null;
}

/** The composer as it stood when an exchange was sent, without what Callbook added. A body that was cut stays out. */
export function composerPrefill({ connection, exchange, requestBytes, choiceOf }: PrefillParts): ComposerValues {
  const body = exchange.requestBody?.truncated ? null : requestBytes;
  const choice = body && choiceOf(headerValue(exchange.requestHeaders, 'content-type'));
  const added = [...OWN_HEADERS, ...credentialHeaders(connection.auth), ...(choice ? ['content-type'] : [])];
  const typed = exchange.requestHeaders.filter((pair) => isTyped(pair, added, connection.headers));
  return {
    method: exchange.method,
    path: pathOn(connection.baseUrl, withoutKey(exchange.url, connection.auth)),
    headers: typed.map(([name, value]) => `${name}: ${value}`).join('\n'),
    body: body ? new TextDecoder('utf-8', { ignoreBOM: true }).decode(body) : '',
    contentType: choice ?? 'none',
  };
}

function credentialHeaders(auth: AuthSettings): string[] {
  if (auth.type !== 'apiKey' || auth.in === 'query') return [];
  return [auth.in === 'cookie' ? 'cookie' : auth.name.toLowerCase()];
}

function isTyped([name, value]: HeaderPairs[number], added: readonly string[], defaults: HeaderPairs): boolean {
  const lower = name.toLowerCase();
  return !added.includes(lower) && !defaults.some(([known, kept]) => known.toLowerCase() === lower && kept === value);
}

/** A key in the query stands at its end and is masked there. */
function withoutKey(url: string, auth: AuthSettings): string {
  if (auth.type !== 'apiKey' || auth.in !== 'query') return url;
  const tail = `${encodeURIComponent(auth.name)}=${REDACTED}`;
  return url.endsWith(`?${tail}`) || url.endsWith(`&${tail}`) ? url.slice(0, -tail.length - 1) : url;
}

/** What stands after the base URL; where the base has changed since, all that stands after the origin. */
function pathOn(baseUrl: string, url: string): string {
  const { origin, pathname } = new URL(baseUrl);
  const base = origin + pathname.replace(/\/$/, '');
  const rest = url.startsWith(base) ? url.slice(base.length) : null;
  return rest !== null && /^(?:[/?]|$)/.test(rest) ? rest : url.replace(/^[a-z]+:\/\/[^/?#]*/i, '');
}
