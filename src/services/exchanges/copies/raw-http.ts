import type { HeaderPairs } from '../../../kernel/headers.ts';
import type { CopiedRequest } from './copied-request.ts';

/**
 * The request as a message (RFC 9112, section 2.1). Where the body that is here is not as long as the header says, because
 * something was masked or it came in chunks, the length is that of what is here; what is cut is said in a header.
 */
export function rawHttp({ method, url, recordedHeaders, body, notes }: CopiedRequest): Buffer {
  const { host, target } = placesOf(url);
  const bytes = body?.bytes ?? null;
  const framed = recordedHeaders.filter(([name]) => !/^(?:content-length|transfer-encoding)$/i.test(name));
  const hasHost = framed.some(([name]) => name.toLowerCase() === 'host');
  const lengths = recordedHeaders.some(([name]) => /^(?:content-length|transfer-encoding)$/i.test(name));
  const headers: HeaderPairs = [
    ...(hasHost ? [] : [['Host', host] as const]),
    ...framed,
    ...(bytes || lengths ? [['Content-Length', String(bytes?.length ?? 0)] as const] : []),
    ...notes.filter((note) => note.startsWith('The body')).map((note) => ['Callbook-Note', note] as const),
  ];
  const head = [`${method} ${target} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`), '', ''];
  return Buffer.concat([Buffer.from(head.join('\r\n'), 'latin1'), bytes ?? Buffer.alloc(0)]);
}

function placesOf(url: string): { host: string; target: string } {
  const [, host = '', target = ''] = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)([^#]*)/i.exec(url) ?? [];
  return { host: host.replace(/^.*@/, ''), target: target.startsWith('/') ? target : `/${target}` };
}
