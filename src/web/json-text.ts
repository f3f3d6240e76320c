import { Malformed } from '../kernel/errors.ts';

/** Beyond this a fault is told without its place: looking for it would hold up everybody else. */
const SEARCHED = 256 * 1024;
const TOKEN =
  /[{}[\],:]|"[^"\\\p{Cc}]*(?:\\(?:["\\/bfnrt]|u[\da-f]{4})[^"\\\p{Cc}]*)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?(?![\d.a-z_])|(?:true|false|null)(?!\w)/iuy;
const SPACE = /[ \t\r\n]*/y;

type Wanted = 'value' | 'value or ]' | 'key' | 'key or }' | 'colon' | 'more' | 'end';

/** Reads JSON (RFC 8259). Throws `Malformed` with the offset, in characters, of what cannot be there; never quotes it. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const offset = text.length <= SEARCHED ? offsetOfFault(text) : null;
    throw new Malformed(
      offset === null ? 'The body is not JSON.' : `The body is not JSON: see character ${offset}.`,
      offset === null ? {} : { offset },
    );
  }
}

/** Where text stops being JSON: the offset of the first token that does not fit, or the length of a text cut short. */
function offsetOfFault(text: string): number {
  const open: ('{' | '[')[] = [];
  let wanted: Wanted = 'value';
  let offset = skipSpace(text, 0);
  while (offset < text.length) {
    TOKEN.lastIndex = offset;
    const token = TOKEN.exec(text)?.[0];
    const next: Wanted | null = token === undefined ? null : after(token, wanted, open);
    if (token === undefined || next === null) break;
    wanted = next;
    offset = skipSpace(text, offset + token.length);
  }
  return offset;
}

/** What may follow `token` where `wanted` was wanted; null where the token does not fit. Keeps the open brackets. */
function after(token: string, wanted: Wanted, open: ('{' | '[')[]): Wanted | null {
  const inside = open.at(-1);
  const isValue = wanted === 'value' || wanted === 'value or ]';
  switch (token) {
    case '{':
    case '[':
      if (!isValue) return null;
      open.push(token);
      return token === '{' ? 'key or }' : 'value or ]';
    case '}':
    case ']':
      if (inside !== (token === '}' ? '{' : '[')) return null;
      if (wanted !== 'more' && wanted !== (token === '}' ? 'key or }' : 'value or ]')) return null;
      open.pop();
      return open.length > 0 ? 'more' : 'end';
    case ',':
      if (wanted !== 'more') return null;
      return inside === '{' ? 'key' : 'value';
    case ':':
      return wanted === 'colon' ? 'value' : null;
    default:
      if (isValue) return open.length > 0 ? 'more' : 'end';
      return wanted.startsWith('key') && token.startsWith('"') ? 'colon' : null;
  }
}

function skipSpace(text: string, offset: number): number {
  SPACE.lastIndex = offset;
  return offset + (SPACE.exec(text)?.[0].length ?? 0);
}
