import { type HeaderPairs, headerValue } from '../../kernel/headers.ts';
import { REDACTED } from '../../kernel/masker.ts';
import type { Connection } from '../../model/connection.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { ComposerValues, ContentChoice } from './composer.ts';

/** Headers that the client or the connection puts in by itself. */
const OWN_HEADERS = ['host', 'content-length'];

interface PrefillParts {
  readonly connection: Connection;
  readonly exchange: Exchange;
  readonly requestBytes: Uint8Array | null;
  /** The choice a content type stands for, or null where it is none. */
  readonly choiceOf: (type: string | null) => ContentChoice | null;
}

/** The composer as it stood when an exchange was sent, without what Callbook added. */
export function composerPrefill({ connection, exchange, requestBytes, choiceOf }: PrefillParts): ComposerValues {
  const type = headerValue(exchange.requestHeaders, 'content-type');
  const choice = requestBytes ? choiceOf(type) : 'none';
  const typed = exchange.requestHeaders.filter((pair) => isTyped(pair, connection.headers, choice !== null));
  return {
    method: exchange.method,
    path: pathOn(connection.baseUrl, exchange.url),
    headers: typed.map(([name, value]) => `${name}: ${value}`).join('\n'),
    body: requestBytes ? new TextDecoder().decode(requestBytes) : '',
    contentType: choice ?? 'none',
  };
}

function isTyped([name, value]: HeaderPairs[number], defaults: HeaderPairs, hasChoice: boolean): boolean {
  const lower = name.toLowerCase();
  if (OWN_HEADERS.includes(lower) || value === REDACTED || (hasChoice && lower === 'content-type')) return false;
  return !defaults.some(([known, kept]) => known.toLowerCase() === lower && kept === value);
}

function pathOn(baseUrl: string, url: string): string {
  const base = baseUrl.replace(/\/+$/, '');
  return url.startsWith(base) ? url.slice(base.length) : url;
}
