import { extentSent } from '../../kernel/sent-extent.ts';
import type { Exchange } from '../../model/exchange.ts';

/** What an exchange's document is made of. */
export type DocumentedExchange = Pick<
  Exchange,
  | 'id'
  | 'kind'
  | 'connectionSlug'
  | 'generation'
  | 'method'
  | 'url'
  | 'requestHeaders'
  | 'requestBody'
  | 'outcome'
  | 'reason'
  | 'detail'
  | 'status'
  | 'responseHeaders'
  | 'responseBody'
  | 'timings'
  | 'hops'
  | 'attempts'
  | 'sentBy'
  | 'startedAt'
  | 'finishedAt'
>;

/** An exchange as programs get it: an allow-list, so a new column stays private until someone adds it here. */
export function exchangeDocument(exchange: DocumentedExchange) {
  const { id, kind, generation, method, outcome, attempts } = exchange;
  return {
    id,
    kind,
    connection: exchange.connectionSlug ?? null,
    generation,
    method,
    url: exchange.url,
    requestHeaders: pairs(exchange.requestHeaders),
    requestBody: exchange.requestBody ? requestBody(exchange.requestBody) : null,
    outcome,
    reason: exchange.reason ?? null,
    detail: exchange.detail ?? null,
    status: exchange.status ?? null,
    responseHeaders: exchange.responseHeaders ? pairs(exchange.responseHeaders) : null,
    responseBody: exchange.responseBody ? responseBody(exchange.responseBody) : null,
    sent: extentSent(exchange),
    timings: exchange.timings ?? null,
    hops: exchange.hops.map(hop),
    attempts,
    sentBy: exchange.sentBy ?? null,
    startedAt: exchange.startedAt.toISOString(),
    finishedAt: exchange.finishedAt?.toISOString() ?? null,
  };
}

export type ExchangeDocument = ReturnType<typeof exchangeDocument>;

function pairs(headers: Exchange['requestHeaders']): [name: string, value: string][] {
  return headers.map(([name, value]) => [name, value]);
}

function requestBody(facts: NonNullable<Exchange['requestBody']>) {
  const { wireBytes, wireSha256, bytes, sha256, truncated } = facts;
  const wire = { ...(wireBytes !== undefined && { wireBytes }), ...(wireSha256 !== undefined && { wireSha256 }) };
  return { bytes, sha256, ...wire, truncated };
}

function responseBody({ wireBytes, ...facts }: NonNullable<Exchange['responseBody']>) {
  return { ...requestBody({ ...facts, wireBytes }), wireBytes };
}

function hop({ attempt, method, url, status, reusedConnection, timings }: Exchange['hops'][number]) {
  return { attempt, method, url, status, reusedConnection, timings };
}
