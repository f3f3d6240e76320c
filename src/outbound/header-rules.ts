import { type FieldFault, InvalidInput } from '../kernel/errors.ts';
import type { HeaderPairs } from '../kernel/headers.ts';

const MAX_HEADERS = 100;

/** RFC 9110, section 5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** RFC 9110, section 5.5, without the white space around a value that nobody would receive. */
const VALUE = /^(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?$/;

/** Headers of one connection (RFC 9110, section 7.6.1) and those that frame a message. */
const OF_THE_CONNECTION = new Set([
  'connection',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'host',
  'content-length',
  'expect',
  'http2-settings',
]);

/**
 * Refuses headers that a caller may not set: those of the connection, those it lists in `Connection`, Callbook's own and
 * malformed ones. Throws `InvalidInput` with one fault a header, each at `/headers/N`.
 */
export function checkHeaders(pairs: HeaderPairs): void {
  if (pairs.length > MAX_HEADERS) {
    throw new InvalidInput([{ pointer: '/headers', detail: `There are more than ${MAX_HEADERS} headers.` }]);
  }
  const listed = new Set(
    pairs
      .filter(([name]) => name.toLowerCase() === 'connection')
      .flatMap(([, value]) => value.toLowerCase().split(','))
      .map((name) => name.trim()),
  );
  const faults = pairs.flatMap(([name, value], at): FieldFault[] => {
    const detail = faultOfHeader(name, value, listed);
    return detail === null ? [] : [{ pointer: `/headers/${at}`, detail }];
  });
  if (faults.length > 0) throw new InvalidInput(faults);
}

function faultOfHeader(name: string, value: string, listed: ReadonlySet<string>): string | null {
  if (!TOKEN.test(name)) return 'This is no valid header name.';
  const key = name.toLowerCase();
  if (OF_THE_CONNECTION.has(key)) return `Callbook sets ${key} itself.`;
  if (listed.has(key)) return `${name} belongs to the connection, because Connection lists it.`;
  if (/^(proxy|sec)-/.test(key)) return `${name} cannot be set by hand.`;
  if (key === 'authorization') return 'Callbook sets authorization itself, from what the connection holds.';
  if (/^callbook-/.test(key)) return `${name} is one of Callbook's own headers.`;
  return VALUE.test(value) ? null : `The value of ${name} holds characters that no header may hold.`;
}

/** Refuses methods that are no token (RFC 9110, section 9.1), TRACE and CONNECT; throws `InvalidInput` at `/method`. */
export function checkMethod(method: string): void {
  const detail = faultOfMethod(method);
  if (detail !== null) throw new InvalidInput([{ pointer: '/method', detail }]);
}

function faultOfMethod(method: string): string | null {
  if (!TOKEN.test(method) || method.length > 32) return 'This is no valid method.';
  return /^(trace|connect)$/i.test(method) ? `${method.toUpperCase()} cannot be sent.` : null;
}
