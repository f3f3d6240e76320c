import type { ExchangeRecord } from '../../../db/queries/exchanges.ts';
import { exchangeDocument } from '../exchange-document.ts';
import type { BodyText } from './body-text.ts';
import { CSV_HEAD, csvLine } from './csv-line.ts';
import { type ExportedBodies, harEntry } from './har-entry.ts';
import { jsonPieces } from './json-pieces.ts';

/** A way to write a selection of exchanges down as one file. */
export interface ExportFormat {
  /** As addresses and files of it end. */
  readonly id: 'har' | 'jsonl' | 'csv';
  readonly label: string;
  readonly mediaType: string;
  readonly hasBodies: boolean;
  /** What stands before the first exchange, between two and after the last. */
  readonly head: (version: string) => string;
  readonly between: string;
  readonly foot: string;
  readonly write: (record: ExchangeRecord, bodies: ExportedBodies) => AsyncIterable<string> | Iterable<string>;
}

/** HAR 1.2: what browsers open. */
export const HAR: ExportFormat = {
  id: 'har',
  label: 'HAR',
  mediaType: 'application/json',
  hasBodies: true,
  head: (version) =>
    `{"log":{"version":"1.2","creator":${JSON.stringify({ name: 'Callbook', version })},"pages":[],"entries":[\n`,
  between: ',\n',
  foot: '\n]}}\n',
  write: (record, bodies) => jsonPieces(harEntry(record, bodies)),
};

const JSON_LINES: ExportFormat = {
  id: 'jsonl',
  label: 'JSON lines',
  mediaType: 'application/jsonl',
  hasBodies: true,
  head: () => '',
  between: '',
  foot: '',
  write: jsonLine,
};

const CSV: ExportFormat = {
  id: 'csv',
  label: 'CSV',
  mediaType: 'text/csv',
  hasBodies: false,
  head: () => CSV_HEAD,
  between: '',
  foot: '',
  write: (record) => [csvLine(record)],
};

/** Every format there is, the usual one first. */
export const EXPORT_FORMATS: readonly ExportFormat[] = [HAR, JSON_LINES, CSV];

/** The document that the JSON API gives, its bodies in it. */
async function* jsonLine(record: ExchangeRecord, bodies: ExportedBodies): AsyncGenerator<string> {
  const document = exchangeDocument(record);
  yield* jsonPieces({
    ...document,
    requestBody: document.requestBody && { ...document.requestBody, ...inline(bodies.request) },
    responseBody: document.responseBody && { ...document.responseBody, ...inline(bodies.response) },
  });
  yield '\n';
}

function inline(body: BodyText | null) {
  return body && { [body.isBase64 ? 'base64' : 'text']: body.text };
}
