import { type CopiedBody, type CopiedRequest, given } from './copied-request.ts';
import { command, comments, quoted, quotedHeader } from './shell.ts';

/** From this size on curl asks before it sends a body. */
const EXPECTING_BYTES = 1024;
/** What curl adds by itself. */
const OWN = ['Accept', 'User-Agent'];

/** The request as a curl command for a POSIX shell. */
export function curl(request: CopiedRequest): string {
  const { method, url, headers, body } = request;
  const words = [
    method === 'HEAD' && !body ? 'curl --head' : `curl --request ${quoted(method)}`,
    `--globoff --path-as-is --url ${quoted(url)}`,
    ...headers.map(([name, value]) =>
      value === '' ? `--header ${quoted(`${name};`)}` : `--header ${quotedHeader(name, ': ', value)}`,
    ),
    ...suppressed(request).map((name) => `--header ${quoted(`${name}:`)}`),
    ...(given(request, 'accept-encoding') === null ? [] : ['--compressed']),
    ...(body ? [data(body)] : []),
  ];
  return comments(request, '#') + command(words, body?.text === null ? body.bytes : null);
}

function suppressed(request: CopiedRequest): string[] {
  const { body } = request;
  const own = [...OWN, ...(body ? ['Content-Type'] : []), ...(isLarge(body) ? ['Expect'] : [])];
  return own.filter((name) => given(request, name) === null);
}

function isLarge(body: CopiedBody | null): boolean {
  return body !== null && (body.bytes === null || body.bytes.length > EXPECTING_BYTES);
}

/** `--data-raw` gives an `@` at the beginning no meaning; `--data-binary` keeps every byte of a file. */
function data({ bytes, text, fileName }: CopiedBody): string {
  if (text !== null) return `--data-raw ${quoted(text)}`;
  return `--data-binary ${quoted(bytes === null ? `@${fileName}` : '@-')}`;
}
