import { REDACTED } from '../../../kernel/masker.ts';
import { type CopiedBody, type CopiedRequest, given } from './copied-request.ts';
import { comments, variableOf } from './shell.ts';

/** The request as a JavaScript module that calls `fetch`. */
export function fetchCall(request: CopiedRequest): string {
  const { method, url, headers, body } = request;
  const refuses = body !== null && (method === 'GET' || method === 'HEAD');
  const sent = refuses ? null : body;
  const variables = new Set(headers.filter(([, value]) => value.includes(REDACTED)).map(([name]) => variableOf(name)));
  return [
    comments(request, '//').trimEnd(),
    refuses ? `// fetch refuses a body with ${method}: this is the request without it. curl sends it.` : '',
    sent?.bytes === null ? "import { readFile } from 'node:fs/promises';" : '',
    ...[...variables].map((name) => `const ${name} = 'put it in here';`),
    `const response = await fetch(${literal(url)}, {`,
    `  method: ${literal(method)},`,
    '  headers: [',
    ...headers.map(([name, value]) => `    [${literal(name)}, ${valueOf(name, value)}],`),
    '  ],',
    ...(sent ? [`  body: ${bodyOf(sent, given(request, 'content-type') !== null)},`] : []),
    "  redirect: 'manual',",
    '});',
    'console.log(response.status, await response.text());',
    '',
  ]
    .filter((line, at, lines) => line !== '' || at === lines.length - 1)
    .join('\n');
}

function valueOf(name: string, value: string): string {
  const parts = value.split(REDACTED);
  return parts.length === 1
    ? literal(value)
    : parts
        .flatMap((part, at) => [...(at > 0 ? [variableOf(name)] : []), ...(part === '' ? [] : [literal(part)])])
        .join(' + ');
}

/** Bytes where a text would get a content type that is not on record. */
function bodyOf({ bytes, text, fileName }: CopiedBody, isTyped: boolean): string {
  if (bytes === null) return `await readFile(${literal(fileName)})`;
  if (text === null)
    return `Uint8Array.from(atob(${literal(bytes.toString('base64'))}), (character) => character.charCodeAt(0))`;
  return isTyped ? literal(text) : `new TextEncoder().encode(${literal(text)})`;
}

/** A literal that JavaScript and Python read alike. */
export function literal(text: string): string {
  return JSON.stringify(text).replaceAll(/[\u007f-\u009f\u2028\u2029\ufeff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
