import type { ExchangeOutcome, FailureReason, Hop, Timings } from '../../../kernel/exchange.ts';
import type { HeaderPairs } from '../../../kernel/headers.ts';
import type { HarEntry } from './har-schema.ts';
import { type ImportedBody, pairsOf, receivedBody, sentBody } from './imported-body.ts';

/** A call as a HAR tells it, nothing masked yet. */
export interface ImportedCall {
  readonly method: string;
  readonly url: string;
  readonly requestHeaders: HeaderPairs;
  readonly requestBody: ImportedBody | null;
  readonly outcome: ExchangeOutcome;
  readonly reason: FailureReason | null;
  readonly detail: string | null;
  /** Null where no answer came. */
  readonly status: number | null;
  readonly responseHeaders: HeaderPairs | null;
  readonly responseBody: ImportedBody | null;
  readonly timings: Timings | null;
  readonly hops: readonly Hop[];
  readonly attempts: number;
  readonly startedAt: Date;
  readonly finishedAt: Date;
}

/** What an entry of a HAR says of a call. */
export function importedCall(entry: HarEntry): ImportedCall {
  const { request, response, startedDateTime: startedAt, _callbook: own } = entry;
  const { method, url } = request;
  const responseBody = receivedBody(response, own?.truncated.response ?? false);
  const status = response.status === 0 ? null : response.status;
  const timings = timingsOf(entry);
  return {
    method,
    url,
    requestHeaders: pairsOf(request.headers),
    requestBody: sentBody(request, own?.truncated.request ?? false),
    ...endOf(entry),
    status,
    responseHeaders: status === null && !responseBody ? null : pairsOf(response.headers),
    responseBody,
    timings,
    hops: own?.hops ?? [],
    attempts: own?.attempts ?? 1,
    startedAt,
    finishedAt: new Date(startedAt.getTime() + Math.round(timings?.total ?? 0)),
  };
}

/** Answered, unless the file says otherwise; nobody waits any more for what was pending when it was written. */
function endOf({ response, _callbook: own }: HarEntry): Pick<ImportedCall, 'outcome' | 'reason' | 'detail'> {
  const { status, _error: error } = response;
  const said = typeof error === 'string' && error !== '' ? error : null;
  const reason = own?.reason ?? null;
  const told = own?.outcome === 'pending' ? 'interrupted' : own?.outcome;
  const outcome = told && (told !== 'answered' || status !== 0) ? told : said || status === 0 ? 'failed' : 'answered';
  if (outcome === 'answered') return { outcome, reason: null, detail: null };
  return { outcome, reason, detail: said === reason || said === own?.outcome ? null : said };
}

/** HAR's `connect` holds `ssl` (HAR 1.2, *timings*); where it is the shorter one, a browser has written them side by side. */
function timingsOf({ timings, time, _callbook: own }: HarEntry): Timings | null {
  if (own ? own.total === null : !timings && time === null) return null;
  const { blocked, dns, connect, ssl, send, wait, receive } = timings ?? NOTHING;
  const holdsTls = connect !== null && ssl !== null && connect >= ssl;
  const phases = {
    wait: blocked,
    dns,
    connect: holdsTls ? inMicroseconds(connect - ssl) : connect,
    tls: ssl,
    send,
    firstByte: wait,
    receive,
  };
  const sum = Object.values(phases).reduce<number>((all, ms) => all + (ms ?? 0), 0);
  return { ...phases, total: own?.total ?? time ?? inMicroseconds(sum) };
}

const NOTHING = { blocked: null, dns: null, connect: null, ssl: null, send: null, wait: null, receive: null };

/** A difference of decimal fractions, without what it is off by in binary. */
function inMicroseconds(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
