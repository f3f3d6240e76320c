import { bodyText, leftCoding } from './body-text.ts';
import { headerValue, type HeaderPairs } from './headers.ts';

/** Where free text is looked for, in the order of the index's columns. */
export const SEARCH_COLUMNS = [
  'method',
  'url',
  'request_headers',
  'request_body',
  'response_headers',
  'response_body',
] as const;

/** One of them. */
export type SearchColumn = (typeof SEARCH_COLUMNS)[number];

/** What can be found of an exchange, as text. */
export type SearchDocument = Readonly<Record<SearchColumn, string>>;

/** What of a side of an exchange can be found: its headers, and its body's first chunk, which is not all where it `isPart`. */
export interface SearchedSide {
  readonly headers: HeaderPairs;
  readonly facts: { readonly sha256: string; readonly wireSha256?: string } | null;
  readonly bytes: Uint8Array | null;
  readonly isPart: boolean;
}

/** An exchange as the text that searches go through. Bodies that are no text count as empty. */
export function searchDocument(
  { method, url }: { readonly method: string; readonly url: string },
  request: SearchedSide,
  response: SearchedSide,
): SearchDocument {
  return {
    method,
    url,
    request_headers: headerText(request.headers),
    request_body: textOf(request),
    response_headers: headerText(response.headers),
    response_body: textOf(response),
  };
}

function headerText(headers: HeaderPairs): string {
  return headers.map(([name, value]) => `${name}: ${value}`).join('\n');
}

function textOf({ headers, facts, bytes, isPart }: SearchedSide): string {
  if (!bytes || !facts) return '';
  const isCoded = leftCoding(headers, facts) !== null;
  return bodyText(bytes, isCoded ? null : headerValue(headers, 'content-type'), isPart)?.text ?? '';
}
