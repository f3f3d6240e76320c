import type { Answer, OutboundRequest } from '../kernel/exchange.ts';
import { headerValue } from '../kernel/headers.ts';
import type { OutboundCall } from '../kernel/outbound.ts';

/** More redirects than this end a call as `redirect-limit`. */
export const MAX_REDIRECTS = 5;

const FOLLOWED = new Set([301, 302, 303, 307, 308]);
const ALWAYS_CREDENTIALS = new Set(['authorization', 'proxy-authorization', 'cookie']);
/** Headers that speak of a body that no longer goes along (RFC 9110, section 15.4). */
const OF_THE_BODY = /^(content-|digest$|repr-digest$|last-modified$|trailer$|expect$)/;

/**
 * The request a redirect asks for (RFC 9110, section 15.4), or null when the answer itself is what the caller gets:
 * no redirect, no readable place, or a body or a secret in the address that would have to go to a foreign origin.
 */
export function redirectedRequest(
  request: OutboundRequest,
  answer: Answer,
  call: OutboundCall,
): OutboundRequest | null {
  const target = targetOf(request, answer);
  if (!target) return null;

  const isToGet = becomesGet(request.method, answer.status);
  const method = isToGet ? 'GET' : request.method;
  const body = isToGet ? null : request.body;
  const isHome = isHomeFor(target, request, call.origins);
  if (!isHome && ((body && body.byteLength > 0) || holdsSecret(target, call))) return null;

  const headers = request.headers.filter(([name, value]) => {
    const key = name.toLowerCase();
    if (!isHome && (call.credentialHeaders.includes(key) || isCredential(name, value, call))) return false;
    return !isToGet || !OF_THE_BODY.test(key);
  });
  return { method, url: target.href, headers, body };
}

/** By its name, or because the record would not show it: keys are typed by hand, too. */
function isCredential(name: string, value: string, { masker }: OutboundCall): boolean {
  return ALWAYS_CREDENTIALS.has(name.toLowerCase()) || masker.headers([[name, value]])[0]?.[1] !== value;
}

/** An API may repeat the query it was called with, the key in it. By value: signatures of the API's own may go. */
function holdsSecret({ href }: URL, { masker }: OutboundCall): boolean {
  return masker.body(Buffer.from(href), 'text/plain').masked;
}

function targetOf(request: OutboundRequest, { status, headers }: Answer): URL | null {
  const location = FOLLOWED.has(status) ? headerValue(headers, 'location') : null;
  if (location === null) return null;
  const target = URL.parse(Buffer.from(location, 'latin1').toString('utf8'), request.url);
  if (target) target.hash = '';
  return target;
}

function becomesGet(method: string, status: number): boolean {
  if (status === 303) return method !== 'GET' && method !== 'HEAD';
  return (status === 301 || status === 302) && method === 'POST';
}

/** Whether credentials may go there: one of the connection's origins, and not from https down to http. */
export function isHomeFor(target: URL, request: OutboundRequest, origins: readonly string[]): boolean {
  const isDowngrade = request.url.startsWith('https:') && target.protocol === 'http:';
  return !isDowngrade && origins.includes(target.origin);
}
