import { REDACTED } from '../../../kernel/masker.ts';
import type { CopiedBody, CopiedRequest } from './copied-request.ts';
import { literal } from './fetch.ts';
import { comments, variableOf } from './shell.ts';

/** The request as a Python script with the library Requests. */
export function pythonRequests(request: CopiedRequest): string {
  const { method, url, body } = request;
  const headers = joined(request);
  const isMasked = headers.some(({ value }) => value.includes(REDACTED));
  const isCoded = body !== null && body.bytes !== null && body.text === null;
  const lines = [
    ...(isCoded ? ['import base64'] : []),
    ...(isMasked ? ['import os'] : []),
    ...(isCoded || isMasked ? [''] : []),
    'import requests',
    '',
    'response = requests.request(',
    `    ${literal(method)},`,
    `    ${literal(url)},`,
    '    headers={',
    ...headers.map(({ name, value, count }) => {
      const note = count > 1 ? `  # sent as ${count} lines; they mean the same (RFC 9110, section 5.3)` : '';
      return `        ${literal(name)}: ${valueOf(name, value)},${note}`;
    }),
    '    },',
    ...(body ? [`    data=${bodyOf(body)},`] : []),
    '    allow_redirects=False,',
    ')',
    'print(response.status_code)',
    'print(response.text)',
    '',
  ];
  return comments(request, '#') + lines.join('\n');
}

/** A dictionary holds a name once. */
function joined({ headers }: CopiedRequest) {
  return [...Map.groupBy(headers, ([name]) => name.toLowerCase())].map(([lower, pairs]) => ({
    name: pairs[0]?.[0] ?? lower,
    value: pairs.map(([, value]) => value).join(lower === 'cookie' ? '; ' : ', '),
    count: pairs.length,
  }));
}

function valueOf(name: string, value: string): string {
  return value
    .split(REDACTED)
    .flatMap((part, at) => [
      ...(at > 0 ? [`os.environ[${literal(variableOf(name))}]`] : []),
      ...(part === '' && value !== '' ? [] : [literal(part)]),
    ])
    .join(' + ');
}

function bodyOf({ bytes, text, fileName }: CopiedBody): string {
  if (bytes === null) return `open(${literal(fileName)}, "rb")`;
  return text === null ? `base64.b64decode(${literal(bytes.toString('base64'))})` : `${literal(text)}.encode()`;
}
