import type { FailureReason } from '../../kernel/exchange.ts';
import { madeAt } from '../../kernel/ids.ts';
import { leftCoding } from '../../kernel/body-text.ts';
import { headerValue, type HeaderPairs } from '../../kernel/headers.ts';
import type { Exchange, RequestBodyFacts, ResponseBodyFacts } from '../../model/exchange.ts';
import { LONGEST_NOTE, type Pin } from '../../model/pin.ts';
import { bodyView, type BodyView } from './body-view.ts';
import { knownOf } from './exchange-known.ts';
import { exchangeRow } from './exchange-row.ts';
import { hopTable } from './hop-table.ts';
import { moment, sizeText } from './measures.ts';
import { callTiming } from './call-timing.ts';

/** An exchange with what is kept of its bodies, whole or the first `INLINE_BYTES`; null where there is none. */
export interface ExchangeParts {
  readonly exchange: Exchange;
  readonly requestBytes: Uint8Array | null;
  readonly responseBytes: Uint8Array | null;
  /** Whether whoever looks may send calls; not where the composer stands beside it anyway. */
  readonly canSend?: boolean;
  /** The exchange of the same method and path before this one. */
  readonly before?: string | null;
  readonly pin?: Pin | null;
  readonly refusedNote?: RefusedNote | null;
  /** Where whoever looks may delete it. */
  readonly canDelete?: boolean;
  /** Where whoever looks may pin it. */
  readonly canPin?: boolean;
  /** What its connection is called by now, null where it is deleted; left out where it is the one beside it. */
  readonly connectionNow?: ConnectionNow | null;
}

/** What somebody wanted to write on a pin, and why it was not taken. */
export interface RefusedNote {
  readonly note: string;
  readonly error: string;
}

/** Where a connection is found, under which name. */
interface ConnectionNow {
  readonly slug: string;
  readonly name: string;
}

/** What to do about a call that nothing came of, where more can be said than what happened. */
const ADVICE: Partial<Record<FailureReason, string>> = {
  'refused-address': 'Which addresses may be called besides public ones is the operator’s setting EGRESS.',
  dns: 'Look for a slip in the host name of the base URL.',
  connect: 'See whether the API runs, and whether host and port of the base URL are right.',
  timeout: 'The deadline of a call is a setting of the connection.',
};

/** What the page of one exchange shows: an allow-list, so a new column stays private until someone adds it here. */
export function exchangePage(parts: ExchangeParts, now: Date) {
  const { exchange, requestBytes, responseBytes, canSend = false, before, pin, canPin, canDelete, refusedNote } = parts;
  const row = exchangeRow(exchange, now);
  const connection = connectionOf(parts);
  const isCall = exchange.kind === 'call';
  const isPending = exchange.outcome === 'pending';
  return {
    ...row,
    title: `${exchange.method} ${row.path}`,
    connection,
    outcome: exchange.outcome,
    detail: exchange.detail ?? null,
    advice: (exchange.reason && ADVICE[exchange.reason]) ?? null,
    isFailed: exchange.outcome === 'failed' || exchange.outcome === 'interrupted',
    known: knownOf(exchange),
    composerHref: isCall && connection?.href ? `${connection.href}?exchange=${exchange.id}` : null,
    replayHref: canSend && isCall && connection?.href && !isPending ? `${row.href}/replays` : null,
    pin: pin ? { note: pin.note, by: pin.pinnedBy, at: moment(pin.pinnedAt) } : null,
    pinHref: canPin ? `${row.href}/pin` : null,
    pinNote: { value: refusedNote?.note ?? pin?.note ?? '', error: refusedNote?.error ?? null, longest: LONGEST_NOTE },
    deletionHref: canDelete && !isPending ? `${row.href}/deletion` : null,
    compareHref: before ? `/comparisons?exchange=${before}&exchange=${exchange.id}` : null,
    compareAnyHref: `/comparisons/new?exchange=${exchange.id}`,
    imported: exchange.kind === 'imported' ? { by: row.sentBy, at: moment(madeAt(exchange.id)) } : null,
    isPending,
    noTiming: isPending ? 'It is measured while it is on its way.' : 'Nothing was measured.',
    noAnswer: isPending
      ? 'No answer yet.'
      : exchange.outcome === 'interrupted'
        ? 'No answer was kept.'
        : 'No answer came.',
    finishedAt: exchange.outcome !== 'interrupted' && exchange.finishedAt ? moment(exchange.finishedAt) : null,
    requestHeaders: pairs(exchange.requestHeaders),
    responseHeaders: exchange.responseHeaders ? pairs(exchange.responseHeaders) : null,
    requestBody: bodyOf(
      exchange.requestHeaders,
      exchange.requestBody ?? null,
      requestBytes,
      `${row.href}/request-body`,
    ),
    responseBody: bodyOf(
      exchange.responseHeaders ?? null,
      exchange.responseBody ?? null,
      responseBytes,
      `${row.href}/response-body`,
    ),
    noRequestBody: noBody(exchange.requestBody ?? null),
    noResponseBody: noBody(exchange.responseBody ?? null),
    timing: callTiming(exchange),
    hops: exchange.hops.length > 1 ? hopTable(exchange.hops) : [],
  };
}

/** The connection as it was called then, where it is found now, and what became of it since; null where there was none. */
function connectionOf({ exchange, connectionNow: is }: ExchangeParts) {
  const { connectionSlug, connectionName: name } = exchange;
  if (!connectionSlug || !name) return null;
  const slug = is === undefined ? connectionSlug : (is?.slug ?? null);
  const since = is === null ? 'deleted since' : is && is.name !== name ? `${is.name} by now` : null;
  return { name, href: slug === null ? null : `/connections/${slug}`, since };
}

function pairs(headers: HeaderPairs) {
  return headers.map(([name, value]) => ({ name, value, isMasked: value.includes('*redacted*') }));
}

/** What stands in place of a body of which nothing is kept: a file may tell of one that it does not hold. */
function noBody(facts: RequestBodyFacts | ResponseBodyFacts | null): string {
  if (!facts?.truncated) return 'No body.';
  return `Nothing of it is on record${facts.wireBytes ? `; ${sizeText(facts.wireBytes)} went over the wire` : ''}.`;
}

function bodyOf(
  headers: HeaderPairs | null,
  facts: RequestBodyFacts | ResponseBodyFacts | null,
  bytes: Uint8Array | null,
  href: string,
): BodyView | null {
  if (!facts || facts.bytes === 0 || !bytes) return null;
  return bodyView({
    bytes,
    contentType: headerValue(headers ?? [], 'content-type'),
    leftCoded: leftCoding(headers ?? [], facts),
    size: facts.bytes,
    sha256: facts.sha256,
    truncated: facts.truncated,
    wireBytes: facts.wireBytes ?? null,
    wireSha256: facts.wireSha256 ?? null,
    href,
  });
}
