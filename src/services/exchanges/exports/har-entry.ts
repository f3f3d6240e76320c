import { STATUS_CODES } from 'node:http';
import type { ExchangeRecord } from '../../../db/queries/exchanges.ts';
import { type HeaderPairs, headerValue } from '../../../kernel/headers.ts';
import type { BodyText } from './body-text.ts';
import { sentCookies, setCookies } from './har-cookies.ts';
import { harTimings } from './har-timings.ts';

/** The bodies of an exchange, as JSON can hold them; null where there is none. */
export interface ExportedBodies {
  readonly request: BodyText | null;
  readonly response: BodyText | null;
}

/** No header is kept as it was on the wire: secrets are masked. */
const UNKNOWN = -1;
const MORE_SENT = 'The body is not whole: more was sent than is kept.';
const HOPS = 'The request is the first one and the response the last; _callbook.hops has every request on the wire.';

/**
 * An exchange as an entry of HAR 1.2. What HAR has no word for stands in `_callbook`. A call of several requests
 * (redirects, resends after a 401) is one entry: the first request, the last response, and all times added up.
 */
export function harEntry(record: ExchangeRecord, bodies: ExportedBodies) {
  const timings = harTimings(record.timings);
  const { blocked, dns, connect, send, wait, receive } = timings;
  return {
    startedDateTime: record.startedAt.toISOString(),
    time: [blocked, dns, connect, send, wait, receive].reduce((sum, ms) => sum + Math.max(ms, 0), 0),
    request: requestOf(record, bodies.request),
    response: responseOf(record, bodies.response),
    cache: {},
    timings,
    ...(record.hops.length > 1 && { comment: HOPS }),
    _callbook: extraOf(record),
  };
}

function requestOf(record: ExchangeRecord, body: BodyText | null) {
  const { method, url, requestHeaders, requestBody } = record;
  const told = Number(headerValue(requestHeaders, 'content-length') ?? Number.NaN);
  const kept = requestBody?.truncated ? (requestBody.wireBytes ?? UNKNOWN) : (requestBody?.bytes ?? 0);
  return {
    method,
    url,
    httpVersion: versionOf(record),
    cookies: sentCookies(requestHeaders),
    headers: pairs(requestHeaders),
    queryString: queryOf(url),
    ...(body && requestBody && { postData: postDataOf(record, body) }),
    headersSize: UNKNOWN,
    bodySize: Number.isSafeInteger(told) ? told : kept,
  };
}

/** HAR 1.2 has no word for a request's body that is no text: `_encoding` says that it is in base64. */
function postDataOf({ requestHeaders, requestBody }: ExchangeRecord, { text, isBase64 }: BodyText) {
  const mimeType = headerValue(requestHeaders, 'content-type') ?? '';
  const isForm = /^\s*application\/x-www-form-urlencoded\s*(;|$)/i.test(mimeType) && typeof text === 'string';
  return {
    mimeType,
    text,
    ...(isForm && !isBase64 && { params: fieldsOf(text) }),
    ...(isBase64 && { _encoding: 'base64' }),
    ...(requestBody?.truncated && { comment: MORE_SENT }),
  };
}

function responseOf(record: ExchangeRecord, body: BodyText | null) {
  const { status, responseHeaders, responseBody, reason, detail, outcome } = record;
  const headers = responseHeaders ?? [];
  const error = outcome === 'answered' ? null : (detail ?? reason ?? outcome);
  return {
    status: status ?? 0,
    statusText: STATUS_CODES[status ?? 0] ?? '',
    httpVersion: status === null ? '' : versionOf(record),
    cookies: setCookies(headers),
    headers: pairs(headers),
    content: contentOf(record, body),
    redirectURL: headerValue(headers, 'location') ?? '',
    headersSize: UNKNOWN,
    bodySize: responseBody?.wireBytes ?? UNKNOWN,
    ...(error !== null && { _error: error }),
  };
}

function contentOf({ responseHeaders, responseBody }: ExchangeRecord, body: BodyText | null) {
  const type = headerValue(responseHeaders ?? [], 'content-type');
  const facts = responseBody ?? { bytes: 0, wireBytes: 0, truncated: false };
  const isCoded = headerValue(responseHeaders ?? [], 'content-encoding') !== null;
  const isKnown = isCoded && !facts.truncated && 'wireSha256' in facts;
  return {
    size: facts.bytes,
    mimeType: type ?? 'x-unknown',
    ...(body && { text: body.text }),
    ...(body?.isBase64 && { encoding: 'base64' }),
    ...(isKnown && { compression: facts.bytes - facts.wireBytes }),
    ...(facts.truncated && { comment: MORE_SENT }),
  };
}

function extraOf(record: ExchangeRecord) {
  const { id, kind, connectionSlug, connectionName, generation, outcome, reason, sentBy, attempts } = record;
  return {
    id,
    kind,
    connection: connectionSlug,
    connectionName,
    generation,
    outcome,
    reason,
    sentBy,
    attempts,
    total: record.timings?.total ?? null,
    truncated: { request: record.requestBody?.truncated ?? false, response: record.responseBody?.truncated ?? false },
    hops: record.hops.length > 1 ? record.hops.map(hopOf) : [],
  };
}

function hopOf({ attempt, method, url, status, reusedConnection, timings }: ExchangeRecord['hops'][number]) {
  return { attempt, method, url, status, reusedConnection, timings: { ...timings } };
}

/** We speak HTTP/1.1 alone; of a call that somebody else made it is not on record. */
function versionOf({ kind }: ExchangeRecord): string {
  return kind === 'imported' ? 'unknown' : 'HTTP/1.1';
}

function pairs(headers: HeaderPairs) {
  return headers.map(([name, value]) => ({ name, value }));
}

function queryOf(url: string) {
  return fieldsOf(URL.parse(url)?.search.slice(1) ?? '');
}

function fieldsOf(coded: string) {
  return [...new URLSearchParams(coded)].map(([name, value]) => ({ name, value }));
}
