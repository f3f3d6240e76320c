import { isUtf8 } from 'node:buffer';
import { type HeaderPairs, headerValue } from '../../../kernel/headers.ts';
import { REDACTED } from '../../../kernel/masker.ts';
import type { Exchange } from '../../../model/exchange.ts';

/** Larger bodies are read from a file: arguments of a process have a limit (128 KiB on Linux). */
export const INLINE_COPY_BYTES = 64 * 1024;

/** The body of a request that is spelled out somewhere else. */
export interface CopiedBody {
  /** What is kept; null where it is too large to stand in a text and comes from the file. */
  readonly bytes: Buffer | null;
  /** The text, where the bytes are UTF-8 and all of it can be seen and copied; else they go in base64. */
  readonly text: string | null;
  /** What the body's download is called. */
  readonly fileName: string;
}

/** A request on record as the formats spell it: masked, and with notes on what is not there. */
export interface CopiedRequest {
  readonly method: string;
  readonly url: string;
  /** What a client has to be told: without those it makes by itself from the URL and the body. */
  readonly headers: HeaderPairs;
  /** Every header as recorded. */
  readonly recordedHeaders: HeaderPairs;
  readonly body: CopiedBody | null;
  /** Sentences on what a reader has to know: what was masked, what is cut. One line each. */
  readonly notes: readonly string[];
}

type Recorded = Pick<Exchange, 'id' | 'method' | 'url' | 'requestHeaders' | 'requestBody'>;

/** Controls, carriage returns and direction marks: a page or a terminal would change them, or hide what they do. */
const NOT_COPIED =
  /(?![\t\n])\p{Cc}|[\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff]/u;

/** Framing: a client that is given these twice sends another message than the one on record. */
const FRAMING = ['content-length', 'transfer-encoding', 'connection'];

/** The request of an exchange, ready to be spelled; `bytes` is the kept body or a part longer than `INLINE_COPY_BYTES`. */
export function copiedRequest(exchange: Recorded, bytes: Uint8Array | null): CopiedRequest {
  const { method, url, requestHeaders } = exchange;
  const headers = requestHeaders.filter(([name, value]) => !isMadeByClient(name.toLowerCase(), value, url));
  const body = bodyOf(exchange, bytes);
  const recordedHeaders = requestHeaders.map(([name, value]) => [name, value] as const);
  return { method, url, headers, recordedHeaders, body, notes: notesOf(exchange, headers, body) };
}

/** The value of a header that goes along, or null. */
export function given({ headers }: CopiedRequest, name: string): string | null {
  return headerValue(headers, name);
}

function isMadeByClient(name: string, value: string, url: string): boolean {
  return FRAMING.includes(name) || (name === 'host' && URL.parse(url)?.host === value.toLowerCase());
}

function bodyOf({ id, requestBody }: Recorded, bytes: Uint8Array | null): CopiedBody | null {
  if (!requestBody || requestBody.bytes === 0) return null;
  const fileName = `${id}-request-body`;
  if (!bytes || requestBody.bytes > INLINE_COPY_BYTES) return { bytes: null, text: null, fileName };
  const kept = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = isUtf8(kept) ? kept.toString() : null;
  return { bytes: kept, text: text === null || NOT_COPIED.test(text) ? null : text, fileName };
}

function notesOf({ url, requestBody }: Recorded, headers: HeaderPairs, body: CopiedBody | null): string[] {
  const masked = headers.filter(([, value]) => value.includes(REDACTED)).map(([name]) => name);
  const notes: string[] = [];
  if (masked.length > 0) notes.push(`Secrets are not on record. Put yours in for: ${[...new Set(masked)].join(', ')}.`);
  if (url.includes(REDACTED)) notes.push(`In the URL, ${REDACTED} stands where a secret was.`);
  if (body?.bytes?.includes(REDACTED)) notes.push(`In the body, ${REDACTED} stands where a secret was.`);
  if (requestBody?.truncated)
    notes.push(`The body is not whole: the first ${requestBody.bytes} bytes are on record, and more was sent.`);
  if (body && !body.bytes) notes.push(`The body is too large to stand here: download it as ${body.fileName} first.`);
  return notes;
}
