import { type FieldFault, InvalidInput } from '../kernel/errors.ts';
import type { HeaderPairs } from '../kernel/headers.ts';

const MAX_HEADERS = 100;
const MAX_CHARACTERS = 64 * 1024;

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

/** What proves who calls; the second one by RFC 9449. */
const OF_CREDENTIALS = new Set(['authorization', 'dpop']);

/**
 * The faults of headers that a caller may not set, each at `/headers/N`: those of the connection, those it lists in
 * `Connection`, Callbook's own and malformed ones. Empty when all of them may go.
 */
export function headerFaults(pairs: HeaderPairs): FieldFault[] {
  if (pairs.length > MAX_HEADERS) {
    return [{ pointer: '/headers', detail: `There are more than ${MAX_HEADERS} headers.` }];
  }
  if (pairs.reduce((sum, [name, value]) => sum + name.length + value.length, 0) > MAX_CHARACTERS) {
    return [{ pointer: '/headers', detail: 'The headers are larger than 64 KiB together.' }];
  }
  const listed = listedInConnection(pairs);
  return pairs.flatMap(([name, value], at): FieldFault[] => {
    const detail = faultOfHeader(name, value, listed);
    return detail === null ? [] : [{ pointer: `/headers/${at}`, detail }];
  });
}

/** Throws `InvalidInput` with the faults that `headerFaults` finds. */
export function checkHeaders(pairs: HeaderPairs): void {
  const faults = headerFaults(pairs);
  if (faults.length > 0) throw new InvalidInput(faults);
}

function listedInConnection(pairs: HeaderPairs): ReadonlySet<string> {
  const lists = pairs.filter(([name]) => name.toLowerCase() === 'connection');
  return new Set(lists.flatMap(([, value]) => value.toLowerCase().split(',')).map((name) => name.trim()));
}

function faultOfHeader(name: string, value: string, listed: ReadonlySet<string>): string | null {
  if (!TOKEN.test(name)) return 'This is no valid header name.';
  const key = name.toLowerCase();
  if (OF_THE_CONNECTION.has(key)) return `Callbook sets ${key} itself.`;
  if (listed.has(key)) return `${name} belongs to the connection, because Connection lists it.`;
  if (/^(proxy|sec)-/.test(key)) return `${name} cannot be set by hand.`;
  if (OF_CREDENTIALS.has(key)) return `Callbook sets ${key} itself, from what the connection holds.`;
  if (key.startsWith('callbook-')) return `${name} is one of Callbook's own headers.`;
  return VALUE.test(value) ? null : `The value of ${name} holds characters that no header may hold.`;
}

/** The fault, at `/method`, of a method that is no token (RFC 9110, section 9.1), TRACE or CONNECT; empty when it may go. */
export function methodFault(method: string): FieldFault[] {
  const pointer = '/method';
  if (!TOKEN.test(method) || method.length > 32) return [{ pointer, detail: 'This is no valid method.' }];
  return /^(trace|connect)$/i.test(method) ? [{ pointer, detail: `${method.toUpperCase()} cannot be sent.` }] : [];
}

/** Throws `InvalidInput` with the fault that `methodFault` finds. */
export function checkMethod(method: string): void {
  const faults = methodFault(method);
  if (faults.length > 0) throw new InvalidInput(faults);
}
