import { headerValue, type HeaderPairs } from '../../kernel/headers.ts';
import { REDACTED } from '../../kernel/masker.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { BodyFacts, BodyPair, ComparedExchanges } from '../../services/comparisons/exchange-comparison.ts';
import { bodyFacts } from './body-facts.ts';
import { connectionWord } from './call-timing.ts';
import { exchangeRow, type ExchangeRow } from './exchange-row.ts';
import { headerRows } from './header-rows.ts';
import { exactMoment } from './measures.ts';
import { timingRows } from './timing-rows.ts';

/** What the page of two exchanges shows: an allow-list, so a new column stays private until someone adds it here. */
export function comparisonPage({ left, right, request, response }: ComparedExchanges, now: Date) {
  const [one, other] = [exchangeRow(left, now), exchangeRow(right, now)];
  return {
    title: 'Comparison',
    sides: [
      { name: 'Earlier', ...one },
      { name: 'Later', ...other },
    ],
    facts: facts(one, other, left, right),
    timings: timingRows(left.timings ?? null, right.timings ?? null),
    parts: [
      part('sent', 'Sent', left.requestHeaders, right.requestHeaders, request),
      part('received', 'Received', left.responseHeaders ?? null, right.responseHeaders ?? null, response),
    ],
  };
}

function facts(one: ExchangeRow, other: ExchangeRow, left: Exchange, right: Exchange) {
  const rows: [name: string, before: string, after: string][] = [
    ['Result', one.result.text, other.result.text],
    ['Method', one.method, other.method],
    ['URL', one.url, other.url],
    ['Connection', ...connectionsOf(left, right)],
    ['Kind', one.kindWord, other.kindWord],
    ['Generation', String(one.generation), String(other.generation)],
    ['Attempts', String(one.attempts), String(other.attempts)],
    ['Requests on the wire', String(left.hops.length), String(right.hops.length)],
    ['Sent by', one.sentBy, other.sentBy],
    ['Started', exactMoment(left.startedAt), exactMoment(right.startedAt)],
    ['Connected', connected(left.hops), connected(right.hops)],
  ];
  return rows.map(([name, before, after]) => ({ name, left: before, right: after, state: stateOf(before, after) }));
}

/** Two of one name are told apart by their slugs, and by their ids where those are the same too. */
function connectionsOf(left: Exchange, right: Exchange): [string, string] {
  const [one, other] = [left.connectionName ?? 'none', right.connectionName ?? 'none'];
  if (one !== other || (left.connectionId ?? null) === (right.connectionId ?? null)) return [one, other];
  const isSameSlug = left.connectionSlug === right.connectionSlug;
  const mark = ({ connectionId, connectionSlug }: Exchange) => (isSameSlug ? connectionId : connectionSlug) ?? 'none';
  return [`${one} (${mark(left)})`, `${other} (${mark(right)})`];
}

/** Whether each request on the wire had a connection opened for it. */
function connected(hops: Exchange['hops']): string {
  return hops.length === 0 ? 'not known' : hops.map(connectionWord).join(', ');
}

function stateOf(before: string, after: string): 'same' | 'changed' | 'unknown' {
  if (before !== after) return 'changed';
  return before.includes(REDACTED) ? 'unknown' : 'same';
}

function part(id: string, title: string, left: HeaderPairs | null, right: HeaderPairs | null, pair: BodyPair) {
  const rows = headerRows(left ?? [], right ?? []);
  return {
    id,
    title,
    headers: {
      differing: rows.filter(({ state }) => state !== 'same'),
      same: rows.filter(({ state }) => state === 'same'),
    },
    body: bodyOf(pair, headerValue(left ?? [], 'content-type'), headerValue(right ?? [], 'content-type')),
  };
}

const VERDICTS: Readonly<Record<BodyPair['verdict'], string>> = {
  none: 'Neither has a body.',
  same: 'What is kept of the two bodies is the same, byte for byte.',
  one: 'Only one of the two has a body.',
  different: 'The bodies differ.',
};

function bodyOf({ left, right, verdict, difference }: BodyPair, leftType: string | null, rightType: string | null) {
  const cut = left?.truncated || right?.truncated;
  const notes = [
    ...(difference?.notes ?? []),
    ...(cut && verdict !== 'none' ? ['Not all of it was kept: only what is kept is compared.'] : []),
  ];
  return {
    verdict: VERDICTS[verdict],
    isSame: verdict === 'same' || verdict === 'none',
    notes,
    sides: verdict === 'none' ? [] : [side('Earlier', left, leftType), side('Later', right, rightType)],
    changes: difference?.how === 'json' ? difference.changes : [],
    lines: difference?.how === 'text' ? difference.lines : [],
    /** Nothing else tells them apart. */
    isByHash: verdict === 'different' && difference?.how === 'hash',
    more: difference && difference.how !== 'hash' && difference.more > 0 ? difference.more : null,
  };
}

function side(name: string, facts: BodyFacts | null, type: string | null) {
  return {
    name,
    type,
    facts:
      facts &&
      bodyFacts({
        ...facts,
        size: facts.bytes,
        wireBytes: facts.wireBytes ?? null,
        wireSha256: facts.wireSha256 ?? null,
      }),
  };
}
