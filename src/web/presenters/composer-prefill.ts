import { headerValue } from '../../kernel/headers.ts';
import type { Connection } from '../../model/connection.ts';
import type { Exchange } from '../../model/exchange.ts';
import { typedRequest } from '../../services/exchanges/typed-request.ts';
import type { ComposerValues, ContentChoice } from './composer.ts';

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
  const { path, headers } = typedRequest({ connection, exchange });
  const typed = headers.filter(({ name }) => !choice || name.toLowerCase() !== 'content-type');
  return {
    method: exchange.method,
    path,
    headers: typed.map(({ name, value }) => `${name}: ${value}`).join('\n'),
    body: body ? new TextDecoder('utf-8', { ignoreBOM: true }).decode(body) : '',
    contentType: choice ?? 'none',
  };
}
