import { isJson } from '../../kernel/json.ts';

/**
 * JSON as it is written. A leaf is its own source, so no number is rounded; strings are in one spelling. A key carries
 * which time it stands in its object (`1:name`), so that none is lost, and none is special to JavaScript.
 */
export type JsonTree = string | JsonTree[] | { [key: string]: JsonTree };

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null|[{}[\],:]/g;

/** What a JSON text says, with its keys in order; null where it is no JSON. */
export function jsonTree(text: string): JsonTree | null {
  if (!isJson(text)) return null;
  const open: (JsonTree[] | { [key: string]: JsonTree })[] = [];
  const counts: Map<string, number>[] = [];
  let root: JsonTree = '';
  let key: string | null = null;

  const put = (value: JsonTree) => {
    const parent = open.at(-1);
    if (!parent) root = value;
    else if (Array.isArray(parent)) parent.push(value);
    else parent[nth(counts.at(-1)!, key ?? '')] = value;
    key = null;
  };
  for (const [token] of text.matchAll(TOKEN)) {
    const parent = open.at(-1);
    if (token === '{' || token === '[') {
      const value = token === '{' ? {} : [];
      put(value);
      open.push(value);
      counts.push(new Map());
    } else if (token === '}' || token === ']') {
      open.pop();
      counts.pop();
    } else if (token !== ',' && token !== ':') {
      if (parent && !Array.isArray(parent) && key === null) key = JSON.parse(token) as string;
      else put(token.startsWith('"') ? JSON.stringify(JSON.parse(token)) : token);
    }
  }
  return root;
}

/** A key as it is written, and which time it stands in its object. */
export function keyOf(name: string): { readonly key: string; readonly nth: number } {
  const at = name.indexOf(':');
  return { key: name.slice(at + 1), nth: Number(name.slice(0, at)) };
}

/** A value as JSON on one line, with every key as often as it stands. */
export function written(tree: JsonTree): string {
  if (typeof tree === 'string') return tree;
  if (Array.isArray(tree)) return `[${tree.map(written).join(', ')}]`;
  const members = Object.entries(tree).map(([name, value]) => `${JSON.stringify(keyOf(name).key)}: ${written(value)}`);
  return `{${members.join(', ')}}`;
}

/** A JSON text with one value on a line; nothing but white space is ours. Depth costs nothing. */
export function onLines(text: string): string {
  const tokens = [...text.matchAll(TOKEN)].map(([token]) => token);
  return tokens
    .map((token, at) => {
      const next = tokens[at + 1];
      if (token === ':') return ': ';
      return '{[,'.includes(token) || next === '}' || next === ']' ? `${token}\n` : token;
    })
    .join('');
}

/** Whether any key stands twice in its object. */
export function hasDoubles(tree: JsonTree): boolean {
  if (typeof tree === 'string') return false;
  return Object.entries(tree).some(
    ([name, value]) => (!Array.isArray(tree) && !name.startsWith('1:')) || hasDoubles(value),
  );
}

function nth(counts: Map<string, number>, key: string): string {
  const count = (counts.get(key) ?? 0) + 1;
  counts.set(key, count);
  return `${count}:${key}`;
}
