import { headerValue } from '../../kernel/headers.ts';
import type { Exchange } from '../../model/exchange.ts';

/** Endings of the media types that most bodies are of. */
const ENDINGS: Readonly<Record<string, string>> = {
  'application/json': 'json',
  'application/pdf': 'pdf',
  'application/x-www-form-urlencoded': 'txt',
  'application/xml': 'xml',
  'application/zip': 'zip',
  'image/gif': 'gif',
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'text/csv': 'csv',
  'text/html': 'html',
  'text/plain': 'txt',
  'text/xml': 'xml',
};

type Described = Pick<Exchange, 'id' | 'connectionSlug' | 'requestHeaders' | 'responseHeaders'>;

/** What a kept body is called as a file: `partner-0193…-response.json`. Letters, digits, dots and hyphens only. */
export function bodyFileName(exchange: Described, side: 'request' | 'response'): string {
  const { connectionSlug, id, requestHeaders, responseHeaders } = exchange;
  const headers = (side === 'request' ? requestHeaders : responseHeaders) ?? [];
  const type = headerValue(headers, 'content-type')?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const ending = ENDINGS[type] ?? (/\+(json|xml)$/.exec(type)?.[1] || 'bin');
  return `${(connectionSlug ?? 'imported').replaceAll(/[^a-z0-9-]/gi, '-')}-${id}-${side}.${ending}`;
}

/** Headers of a body as a file that no browser will run. */
export function bodyFileHeaders(fileName: string, bytes: number) {
  return {
    'Content-Disposition': `attachment; filename="${fileName}"`,
    'Content-Security-Policy': "sandbox; default-src 'none'",
    'Content-Length': String(bytes),
  };
}
