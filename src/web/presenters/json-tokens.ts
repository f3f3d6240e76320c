import { isJson } from '../../kernel/json.ts';

/** A piece of a JSON text with what it is, for colours. */
export interface JsonToken {
  readonly kind: 'key' | 'string' | 'number' | 'word' | 'mark' | 'space';
  readonly text: string;
}

const TOKEN = /\s+|"(?:[^"\\\u0000-\u001f]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[{}[\],:]/gy;
const INDENT = '  ';

/**
 * Lays a JSON text out in lines without reading its values: numbers, escapes, keys and their order stay as they came,
 * only white space between tokens is ours. Null where the text is no JSON.
 */
export function jsonTokens(text: string): readonly JsonToken[] | null {
  if (!isJson(text)) return null;
  const raw = [...text.matchAll(TOKEN)].map(([token]) => token).filter((token) => token.trim() !== '');
  const tokens: JsonToken[] = [];
  let depth = 0;
  raw.forEach((token, at) => {
    const next = raw[at + 1];
    if (token === '}' || token === ']') {
      depth -= 1;
      if (!isEmptyPair(raw[at - 1], token)) tokens.push(lineBreak(depth));
    }
    tokens.push({ kind: kindOf(token, next), text: token });
    if (token === '{' || token === '[') {
      depth += 1;
      if (!isEmptyPair(token, next)) tokens.push(lineBreak(depth));
    }
    if (token === ',') tokens.push(lineBreak(depth));
    if (token === ':') tokens.push({ kind: 'space', text: ' ' });
  });
  return tokens;
}

function kindOf(token: string, next: string | undefined): JsonToken['kind'] {
  if (token.startsWith('"')) return next === ':' ? 'key' : 'string';
  if (/^[-\d]/.test(token)) return 'number';
  return /^[a-z]/.test(token) ? 'word' : 'mark';
}

function isEmptyPair(open: string | undefined, close: string | undefined): boolean {
  return (open === '{' && close === '}') || (open === '[' && close === ']');
}

function lineBreak(depth: number): JsonToken {
  return { kind: 'space', text: `\n${INDENT.repeat(depth)}` };
}
