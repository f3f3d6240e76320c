import type { FailureReason } from '../../kernel/exchange.ts';
import { leftCoding } from '../../kernel/body-text.ts';
import { headerValue, type HeaderPairs } from '../../kernel/headers.ts';
import type { Exchange, RequestBodyFacts, ResponseBodyFacts } from '../../model/exchange.ts';
import { LONGEST_NOTE, type Pin } from '../../model/pin.ts';
import { bodyView, type BodyView } from './body-view.ts';
import { exchangeRow } from './exchange-row.ts';
import { durationText, moment } from './measures.ts';
import { timingBars } from './timing-bars.ts';

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
  /** Where whoever looks may delete it. */
  readonly canDelete?: boolean;
  /** Where whoever looks may pin it. */
  readonly canPin?: boolean;
}

/** What to do about a call that nothing came of, where more can be said than what happened. */
const ADVICE: Partial<Record<FailureReason, string>> = {
  'refused-address': 'Which addresses may be called besides public ones is the operator’s setting EGRESS.',
  dns: 'Look for a slip in the host name of the base URL.',
  connect: 'See whether the API runs, and whether host and port of the base URL are right.',
  timeout: 'The deadline of a call is a setting of the connection.',
};

/** What the page of one exchange shows: an allow-list, so a new column stays private until someone adds it here. */
export function exchangePage(
  { exchange, requestBytes, responseBytes, canSend = false, before, pin, canPin, canDelete }: ExchangeParts,
  now: Date,
) {
  const row = exchangeRow(exchange, now);
  return {
    ...row,
    title: `${exchange.method} ${row.path}`,
    outcome: exchange.outcome,
    detail: exchange.detail ?? null,
    advice: (exchange.reason && ADVICE[exchange.reason]) ?? null,
    isFailed: exchange.outcome === 'failed',
    composerHref: exchange.kind === 'call' ? `${row.connection.href}?exchange=${exchange.id}` : null,
    replayHref: canSend && exchange.kind === 'call' ? `${row.href}/replays` : null,
    pin: pin ? { note: pin.note, by: pin.pinnedBy, at: moment(pin.pinnedAt) } : null,
    pinHref: canPin ? `${row.href}/pin` : null,
    longestNote: LONGEST_NOTE,
    deletionHref: canDelete && exchange.outcome !== 'pending' ? `${row.href}/deletion` : null,
    compareHref: before ? `/comparisons?exchange=${before}&exchange=${exchange.id}` : null,
    isPending: exchange.outcome === 'pending',
    isInterrupted: exchange.outcome === 'interrupted',
    finishedAt: exchange.finishedAt ? moment(exchange.finishedAt) : null,
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
    timing: exchange.timings ? timingBars(exchange.timings) : null,
    hops: exchange.hops.map((hop) => ({
      attempt: hop.attempt,
      method: hop.method,
      url: hop.url,
      status: hop.status,
      tone: hop.status === null ? 'failed' : `s${Math.floor(hop.status / 100)}`,
      connection: hop.reusedConnection ? 'reused' : 'new',
      duration: durationText(hop.timings.total),
      timing: timingBars(hop.timings),
    })),
  };
}
export type ExchangePage = ReturnType<typeof exchangePage>;

function pairs(headers: HeaderPairs) {
  return headers.map(([name, value]) => ({ name, value, isMasked: value.includes('*redacted*') }));
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
    wireBytes: 'wireBytes' in facts ? facts.wireBytes : null,
    wireSha256: 'wireSha256' in facts ? (facts.wireSha256 ?? null) : null,
    href,
  });
}
