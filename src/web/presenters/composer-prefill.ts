import type { FieldFault } from '../../kernel/errors.ts';
import { headerValue } from '../../kernel/headers.ts';
import type { Connection } from '../../model/connection.ts';
import type { Exchange } from '../../model/exchange.ts';
import { markerFaults } from '../../services/exchanges/marker-faults.ts';
import { typedRequest } from '../../services/exchanges/typed-request.ts';
import { fieldFault, lineEndsOf } from '../typed-body.ts';
import type { ComposerValues, ContentChoice } from './composer.ts';
import { sizeText } from './measures.ts';

interface PrefillParts {
  readonly connection: Pick<Connection, 'baseUrl' | 'headers' | 'auth'>;
  readonly exchange: Pick<Exchange, 'method' | 'url' | 'requestHeaders' | 'requestBody'>;
  /** The whole request body as it is kept; null where there is none. */
  readonly requestBytes: Uint8Array | null;
  /** The choice a content type stands for, or null where it is none. */
  readonly choiceOf: (type: string | null) => ContentChoice | null;
}

/** A request taken up again, and what has to be written before it can be sent as it was. */
export interface ComposerPrefill {
  readonly values: ComposerValues;
  /** At `/path`, `/headers` and `/body`, one each at most. */
  readonly faults: readonly FieldFault[];
}

/**
 * The composer as it stood when an exchange was sent, without what Callbook added. Places where a secret was masked are
 * named, and so is a body that cannot be in a text field as it was: cut in the record, no UTF-8 text, or with line ends of
 * several kinds.
 */
export function composerPrefill({ connection, exchange, requestBytes, choiceOf }: PrefillParts): ComposerPrefill {
  const choice = requestBytes && choiceOf(headerValue(exchange.requestHeaders, 'content-type'));
  const { path, headers, isOnBase } = typedRequest({ connection, exchange });
  const typed = headers
    .filter(({ name }) => !choice || name.toLowerCase() !== 'content-type')
    .map(({ name, value }) => [name, value] as const);
  const masked = markerFaults({ path, headers: typed, body: requestBytes });
  const body = bodyText(exchange, requestBytes, isOnBase && masked.length === 0);
  return {
    values: {
      method: exchange.method,
      path,
      headers: typed.map(([name, value]) => `${name}: ${value}`).join('\n'),
      body: body.text,
      contentType: choice ?? 'none',
      lineEnds: lineEndsOf(body.text),
    },
    faults: byField([...masked.filter(({ pointer }) => pointer !== '/body' || body.text !== ''), ...body.faults]),
  };
}

/** `isRepeatable`: whether Send again does without the composer. */
function bodyText({ requestBody }: PrefillParts['exchange'], bytes: Uint8Array | null, isRepeatable: boolean) {
  if (bytes === null) return { text: '', faults: [] };
  if (requestBody?.truncated)
    return leftOut(
      `Only the first ${sizeText(bytes.length)} of this body are on record. It is left out: write it whole.`,
    );
  const way = isRepeatable
    ? 'To send it as it was, use Send again on the exchange.'
    : 'A program can send such a body, by the JSON API or the proxy.';
  const text = utf8Text(bytes);
  if (text === null) return leftOut(`This body (${sizeText(bytes.length)}) is no UTF-8 text and is left out. ${way}`);
  const fault = fieldFault(text);
  const detail = `Sent from here, this body is changed: ${fault}. ${way}`;
  return { text, faults: fault === null ? [] : [{ pointer: '/body', detail }] };
}

function utf8Text(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { ignoreBOM: true, fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function leftOut(detail: string): { readonly text: string; readonly faults: readonly FieldFault[] } {
  return { text: '', faults: [{ pointer: '/body', detail }] };
}

/** All that is wrong with a field in one text. */
function byField(faults: readonly FieldFault[]): FieldFault[] {
  const texts = new Map<string, string>();
  for (const { pointer, detail } of faults) {
    const field = pointer.replace(/^(\/\w+)\/.*$/, '$1');
    texts.set(field, [texts.get(field), detail].filter(Boolean).join(' '));
  }
  return [...texts].map(([pointer, detail]) => ({ pointer, detail }));
}
