import type { HeaderPairs } from '../kernel/headers.ts';

/** Headers of one connection (RFC 9110, section 7.6.1), and those that proxies and their clients tell each other. */
const HOP_BY_HOP = /^(connection|keep-alive|te|trailer|transfer-encoding|upgrade|http2-settings|proxy-.*)$/;

/** Written anew for the API, or ours; a client's own `Authorization`, and the proof that goes with it, never go along. */
const NOT_FOR_THE_API = new Set(['host', 'content-length', 'expect', 'authorization', 'dpop', 'callbook-key']);

/** Ours in every answer of ours. */
const NOT_FOR_THE_CLIENT = new Set(['callbook-exchange', 'callbook-problem']);

/** What may go on to the API of a client's headers; the body is asked for as it is, without a content coding. */
export function relayedToApi(headers: HeaderPairs): HeaderPairs {
  const kept = endToEnd(headers).filter(([name]) => !NOT_FOR_THE_API.has(name.toLowerCase()));
  const asked = kept.findIndex(([name]) => isNamed(name, 'accept-encoding'));
  if (asked === -1) return [...kept, ['accept-encoding', 'identity']];
  return kept
    .filter(([name], at) => at === asked || !isNamed(name, 'accept-encoding'))
    .map(([name, value]) => (isNamed(name, 'accept-encoding') ? [name, 'identity'] : [name, value]));
}

/**
 * What may go on to the client of an API's headers. Content codings were taken off, so neither they nor the length that
 * counted them go along.
 */
export function relayedToClient(headers: HeaderPairs): HeaderPairs {
  const isCoded = headers.some(
    ([name, value]) => isNamed(name, 'content-encoding') && !/^[\s,]*(?:identity[\s,]*)*$/i.test(value),
  );
  return endToEnd(headers).filter(([name]) => {
    if (isCoded && (isNamed(name, 'content-encoding') || isNamed(name, 'content-length'))) return false;
    return !NOT_FOR_THE_CLIENT.has(name.toLowerCase());
  });
}

function endToEnd(headers: HeaderPairs): HeaderPairs {
  const listed = new Set(
    headers
      .filter(([name]) => isNamed(name, 'connection'))
      .flatMap(([, value]) => value.toLowerCase().split(','))
      .map((name) => name.trim()),
  );
  return headers.filter(([name]) => !HOP_BY_HOP.test(name.toLowerCase()) && !listed.has(name.toLowerCase()));
}

function isNamed(name: string, wanted: string): boolean {
  return name.toLowerCase() === wanted;
}
