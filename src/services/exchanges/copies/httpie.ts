import { type CopiedRequest, given } from './copied-request.ts';
import { command, comments, quoted, quotedHeader } from './shell.ts';

/** What HTTPie adds by itself. */
const OWN = ['Accept', 'Accept-Encoding', 'User-Agent'];

/** The request as an HTTPie command (3.0 or later) for a POSIX shell. */
export function httpie(request: CopiedRequest): string {
  const { method, url, headers, body } = request;
  const isPiped = body !== null && body.text === null;
  const options = [
    '--path-as-is',
    ...(isPiped ? [] : ['--ignore-stdin']),
    ...(body?.text === null || body === null ? [] : [`--raw ${quoted(body.text)}`]),
  ];
  const absent = [...OWN, ...(body ? ['Content-Type'] : [])].filter((name) => given(request, name) === null);
  const words = [
    `http ${options.join(' ')} ${quoted(method)} ${quoted(url)}`,
    ...headers.map(([name, value]) => (value === '' ? quoted(`${name};`) : item(name, value))),
    ...absent.map((name) => quoted(`${name}:`)),
  ];
  const from = body?.bytes === null ? `cat ${quoted(body.fileName)} | ` : '';
  return comments(request, '#') + from + command(words, isPiped ? body.bytes : null);
}

/** `:=` and `:@` would mean JSON and a file: a value that begins so is escaped. */
function item(name: string, value: string): string {
  return quotedHeader(name, /^[:;=@]/.test(value) ? ':\\' : ':', value);
}
