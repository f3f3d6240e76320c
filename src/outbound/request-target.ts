import { InvalidInput } from '../kernel/errors.ts';

export { checkHeaders, checkMethod, headerFaults, methodFault } from './header-rules.ts';

/** A query as typed (without its question mark), or pairs that are still to be percent-encoded. */
export type TargetQuery = string | readonly (readonly [name: string, value: string])[];

/** What the egress policy lets pass (docs/reliability.md, *Egress policy*). */
const MAX_URL_LENGTH = 8192;
const SCHEME = /^[a-z][a-z0-9+.-]*:/i;
// eslint-disable-next-line no-control-regex -- it is these that are looked for
const CONTROL = /[\u0000-\u001f\u007f]/;

const FAULTS = {
  control: 'A path holds no control characters and no line breaks.',
  host: 'A path names no host; it is added to the base URL of the connection.',
  backslash: 'A path holds no backslash; write %5C for one.',
  fragment: 'A path has no fragment; write %23 for a number sign.',
  outside: 'The path leads out of the base URL.',
  surrogate: 'The path holds half of a character.',
  long: `A path and its base URL have ${MAX_URL_LENGTH.toLocaleString('en')} characters at most, encoded.`,
} as const;

/**
 * Adds a path to a connection's base URL and gives the absolute URL; percent-encoding stays as typed. A `?` in the path
 * starts its query, `query` is added to that. Throws `InvalidInput` with the pointer `/path` (or `/query`) for anything
 * that could name another host or leave the base path, encoded or not.
 */
export function resolveTarget(baseUrl: string, path: string, query: TargetQuery = ''): string {
  refuseBadPath(path);
  const added = typeof query === 'string' ? query.replace(/^\?/, '') : encodePairs(query);
  if (CONTROL.test(added) || added.includes('#'))
    throw fault('/query', 'A query holds no line breaks and no fragment.');

  const base = new URL(baseUrl);
  const [, pathname = '', typed = ''] = /^([^?]*)\??(.*)$/s.exec(path)!;
  const search = [typed, added].filter((part) => part !== '').join('&');
  const root = base.pathname.replace(/\/$/, '');
  const joined = pathname === '' ? base.pathname : `${root}${pathname.startsWith('/') ? '' : '/'}${pathname}`;
  const target = URL.parse(`${base.origin}${joined}${search === '' ? '' : `?${search}`}`);
  // The checks above should have caught everything; this one holds whatever they missed.
  if (!target || target.origin !== base.origin || !isWithin(target.pathname, root))
    throw fault('/path', FAULTS.outside);
  if (target.href.length > MAX_URL_LENGTH) throw fault('/path', FAULTS.long);
  return target.href;
}

/**
 * Adds what a relayed request asked for to a connection's base URL, byte for byte: `asked` is empty, or begins with a
 * slash or a question mark. Throws `InvalidInput` with the pointer `/path`, as `resolveTarget` does.
 */
export function resolveRawTarget(baseUrl: string, asked: string): string {
  const [pathname = ''] = asked.split('?', 1);
  if (CONTROL.test(asked)) throw fault('/path', FAULTS.control);
  if (asked.includes('#')) throw fault('/path', FAULTS.fragment);
  if (pathname.includes('\\')) throw fault('/path', FAULTS.backslash);
  if (leadsOut(pathname)) throw fault('/path', FAULTS.outside);

  const base = new URL(baseUrl);
  const root = base.pathname.replace(/\/$/, '');
  const joined = pathname === '' ? base.pathname : root + pathname;
  const url = `${base.origin}${encodeRaw(joined + asked.slice(pathname.length))}`;
  const target = URL.parse(url);
  if (!target || target.origin !== base.origin || !isWithin(target.pathname, root))
    throw fault('/path', FAULTS.outside);
  if (url.length > MAX_URL_LENGTH) throw fault('/path', FAULTS.long);
  return url;
}

/** Node reads a request target as ISO 8859-1, and clients send more than ASCII; a byte stays that byte. */
function encodeRaw(target: string): string {
  return target.replace(
    /[^\x21-\x7e]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

function refuseBadPath(path: string): void {
  if (path.length > MAX_URL_LENGTH) throw fault('/path', FAULTS.long);
  const [pathname = ''] = path.split('?', 1);
  if (CONTROL.test(path)) throw fault('/path', FAULTS.control);
  if (path.includes('#')) throw fault('/path', FAULTS.fragment);
  if (pathname.includes('\\')) throw fault('/path', FAULTS.backslash);
  if (pathname.startsWith('//') || SCHEME.test(pathname.trimStart())) throw fault('/path', FAULTS.host);
  if (!path.isWellFormed()) throw fault('/path', FAULTS.surrogate);
  if (leadsOut(pathname)) throw fault('/path', FAULTS.outside);
}

/**
 * Follows the segments as the most lenient server would read them: `%2e`, `%2f`, `%5c` and `..;x` count, encoded twice
 * as well.
 */
function leadsOut(pathname: string): boolean {
  const once = pathname.replace(/%(?:25)+/g, '%');
  const plain = once
    .replace(/%2e/gi, '.')
    .replace(/%2f|%5c/gi, '/')
    .replace(/%3b/gi, ';');
  let depth = 0;
  for (const segment of plain.split('/')) {
    const name = segment.split(';', 1)[0]!;
    if (name === '..') depth -= 1;
    else if (name !== '' && name !== '.') depth += 1;
    if (depth < 0) return true;
  }
  return false;
}

function isWithin(pathname: string, root: string): boolean {
  return pathname === root || pathname === `${root}/` || pathname.startsWith(`${root}/`);
}

function encodePairs(pairs: readonly (readonly [string, string])[]): string {
  return pairs.map((pair) => pair.map((part) => encodeURIComponent(part.toWellFormed())).join('=')).join('&');
}

function fault(pointer: string, detail: string): InvalidInput {
  return new InvalidInput([{ pointer, detail }]);
}
