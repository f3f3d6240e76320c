import { gzipSync } from 'node:zlib';

/** A body as it is hard to keep: what goes on the wire, and what is left after the content coding is taken off. */
export interface AwkwardBody {
  readonly contentType: string;
  readonly contentEncoding?: string;
  readonly wire: Buffer;
  readonly decoded: Buffer;
}

/** Bodies that must be kept byte for byte. The API serves each as `/awkward/NAME`. */
export const AWKWARD_BODIES: Readonly<Record<string, AwkwardBody>> = {
  empty: plain('application/json', ''),
  'invalid-utf8': plain('text/plain; charset=utf-8', Buffer.from([0x61, 0xff, 0xfe, 0xc3, 0x28, 0x80, 0x62])),
  nul: plain('application/json', Buffer.from('{"a":"\u0000","b":\u0000}')),
  'every-byte': plain('application/octet-stream', Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))),
  'big-integers': plain('application/json', '{"id":9007199254740993,"amount":1.10,"tiny":1e-400,"huge":1e400}'),
  'key-order': plain('application/json', '{"10":1,"9":2,"b":1,"a":2,"b":3,"__proto__":{"admin":true}}'),
  'white-space': plain('application/json', '\r\n\t{ "a" :\t1 ,\n  "b":[ ] }\n\n'),
  'byte-order-mark': plain('application/json', '\ufeff{"a":1}'),
  'lone-surrogates': plain('application/json', '{"a":"\\ud800","b":"\\udc00\\ud800"}'),
  'latin-1': plain('text/plain; charset=iso-8859-1', Buffer.from('d\u00e9j\u00e0 vu', 'latin1')),
  'nested-json': plain('application/json', '['.repeat(512 * 1024) + ']'.repeat(512 * 1024)),
  'broken-json': plain('application/json', '{"a": 1, "b": [1, 2'),
  'page-with-script': plain('text/html', '<!doctype html><script>document.title = "ran"</script><b>&amp;</b>'),
  gzip: gzipped('application/json', '{"packed": true,  "n": 9007199254740993}'),
  'gzip-bomb': gzipped('application/json', Buffer.alloc(8 * 1024 * 1024, 0x20)),
};

function plain(contentType: string, content: string | Buffer): AwkwardBody {
  const bytes = bytesOf(content);
  return { contentType, wire: bytes, decoded: bytes };
}

function gzipped(contentType: string, content: string | Buffer): AwkwardBody {
  const decoded = bytesOf(content);
  return { contentType, contentEncoding: 'gzip', wire: gzipSync(decoded), decoded };
}

function bytesOf(content: string | Buffer): Buffer {
  return typeof content === 'string' ? Buffer.from(content) : content;
}
