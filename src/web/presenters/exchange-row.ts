import type { ExchangeKind } from '../../kernel/exchange.ts';
import type { Exchange } from '../../model/exchange.ts';
import { agoText, durationText, moment, sizeText } from './measures.ts';

const REASONS: Record<string, string> = {
  'refused-address': 'address refused',
  dns: 'name not found',
  connect: 'no connection',
  tls: 'TLS fault',
  timeout: 'timed out',
  'too-large': 'too large',
  aborted: 'cancelled',
  'redirect-limit': 'too many redirects',
  protocol: 'no valid answer',
};

/** What pages call the kinds of an exchange. */
export const KIND_WORDS: Record<ExchangeKind, string> = {
  call: 'Call',
  token: 'Token call',
  authorization: 'Authorisation',
  device: 'Device authorisation',
  revocation: 'Revocation',
  introspection: 'Introspection',
  imported: 'Imported',
};

/** What a line needs of an exchange: a whole one, or what the history reads for its lists. */
export type ExchangeLine = Pick<
  Exchange,
  | 'id'
  | 'kind'
  | 'connectionName'
  | 'generation'
  | 'method'
  | 'url'
  | 'outcome'
  | 'reason'
  | 'status'
  | 'attempts'
  | 'sentBy'
  | 'startedAt'
  | 'timings'
  | 'responseBody'
> & {
  /** Its connection's slug by now, null where that is deleted; left out by those who do not list. */
  readonly slugNow?: string | null;
  /** Where it is pinned, with which note; left out by those who do not list. */
  readonly pinNote?: string | null;
};

/** An exchange as one line of a list. */
export function exchangeRow(exchange: ExchangeLine, now: Date) {
  return {
    id: exchange.id,
    href: `/exchanges/${exchange.id}`,
    kind: exchange.kind,
    kindWord: KIND_WORDS[exchange.kind],
    /** Something Callbook sent on its own account, not a call that somebody composed. */
    isAside: exchange.kind !== 'call' && exchange.kind !== 'imported',
    /** Told beside the call, unless it is one like most. */
    kindTag: exchange.kind === 'call' ? null : KIND_WORDS[exchange.kind],
    connection: connectionOf(exchange),
    method: exchange.method,
    url: exchange.url,
    ...placeOf(exchange.url),
    result: exchangeResult(exchange),
    duration: exchange.timings ? durationText(exchange.timings.total) : null,
    size: exchange.responseBody ? sizeText(exchange.responseBody.bytes) : null,
    generation: exchange.generation,
    attempts: exchange.attempts,
    pinned: pinMark(exchange.pinNote ?? null),
    sentBy: exchange.sentBy ?? 'background',
    startedAt: moment(exchange.startedAt),
    ago: agoText(exchange.startedAt, now),
  };
}
export type ExchangeRow = ReturnType<typeof exchangeRow>;

/** The connection as it was called then, and where it is found now. */
function connectionOf({ connectionName: name, slugNow = null }: ExchangeLine) {
  return name ? { name, href: slugNow === null ? null : `/connections/${slugNow}` } : null;
}

function pinMark(note: string | null) {
  return note === null ? null : { title: note === '' ? 'Pinned' : `Pinned: ${note}` };
}

/** How an exchange ended: a word or a status, and a class for its colour. */
export function exchangeResult(exchange: Pick<Exchange, 'outcome' | 'status' | 'reason'>) {
  if (exchange.outcome === 'answered' && typeof exchange.status === 'number') {
    return { text: String(exchange.status), tone: `s${Math.floor(exchange.status / 100)}`, title: 'Answered' };
  }
  if (exchange.outcome === 'failed') {
    const text = REASONS[exchange.reason ?? ''] ?? exchange.reason ?? 'failed';
    return { text, tone: 'failed', title: 'Failed: no complete answer' };
  }
  if (exchange.outcome === 'pending') return { text: 'pending', tone: 'pending', title: 'On its way' };
  return { text: exchange.outcome, tone: 'interrupted', title: 'Nobody knows whether it arrived' };
}

/** Origin and the rest of a URL, exactly as recorded; a URL that cannot be read is all path. */
export function placeOf(url: string): { origin: string; path: string } {
  const origin = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i.exec(url)?.[0] ?? '';
  return { origin, path: url.slice(origin.length) || '/' };
}
