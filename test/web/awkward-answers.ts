import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { first, finished, text, type AwkwardAnswer, type Draft, type Shown } from './awkward-answer.ts';
import {
  BOMB,
  DEEP,
  HUNDRED,
  LONG_LINE,
  PNG,
  SENTENCE,
  UTF16,
  WIDE,
  bytes,
  chunked,
  hexLine,
  hundredMebibytes,
  pattern,
  sha256,
  sumOf,
} from './awkward-bodies.ts';

/** Bytes kept of a body in this test. */
export const CAP = 1024 * 1024;
const CHUNK = 256 * 1024;

const only = (shown: string, whole: string) => `The first ${shown} of ${whole} are shown.`;
const CUT = 'Only the first 1.0 MiB were kept.';
const UNSEEN = 'Characters that cannot be seen are spelled out as ⟨U+….⟩; Copy gives them as they are.';
const invalid = (charset: string) => `Some bytes are not valid ${charset}; a replacement character stands for each.`;
const left = (coding: string) => `The content coding "${coding}" could not be taken off. This is the body as it came.`;

const hexOf = (content: Buffer): Shown => ({ hex: hexLine(content) });
const coded = (coding: string, wire: Buffer, kept = bytes(SENTENCE)): Draft => ({
  headers: [`Content-Encoding: ${coding}`],
  wire,
  kept,
});

const DRAFTS: Readonly<Record<string, Draft>> = {
  'no bytes': { wire: Buffer.alloc(0), shown: { nothing: true } },
  'no bytes, packed': { headers: ['Content-Encoding: gzip'], wire: Buffer.alloc(0), shown: { nothing: true } },
  'status 204': { start: '204 No Content', status: 204, length: null, wire: Buffer.alloc(0), shown: { nothing: true } },
  'status 304 with a length': {
    start: '304 Not Modified',
    status: 304,
    length: 100,
    wire: Buffer.alloc(0),
    shown: { nothing: true },
  },
  'HEAD with a length': { method: 'HEAD', length: 1000, wire: Buffer.alloc(0), shown: { nothing: true } },
  'early hints first': { start: '103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK', wire: bytes(SENTENCE) },
  'an error with a problem': {
    start: '503 Service Unavailable',
    status: 503,
    type: 'application/problem+json',
    wire: bytes('{"title":"Closed","status":503}'),
  },

  'invalid UTF-8': {
    type: 'text/plain; charset=utf-8',
    wire: Buffer.from([0x61, 0xff, 0xfe, 0xc3, 0x28, 0x80, 0x62]),
    shown: text('a��\ufffd(\ufffdb'),
    notes: [invalid('utf-8')],
  },
  'UTF-8 cut within a character': {
    type: 'text/plain',
    wire: bytes('Grüße, 世界').subarray(0, -1),
    shown: text('Grüße, 世\ufffd'),
    notes: [invalid('utf-8')],
  },
  'a byte order mark': { wire: bytes('\ufeff{"a":1}'), shown: text('⟨U+FEFF⟩{"a":1}'), notes: [UNSEEN] },
  'UTF-16 LE': {
    type: 'text/plain; charset=utf-16le',
    wire: bytes('Grüße, 世界 𝄞', 'utf16le'),
    shown: text('Grüße, 世界 𝄞'),
  },
  'UTF-16 BE': {
    type: 'text/plain; charset=UTF-16BE',
    wire: bytes('Grüße, 世界 𝄞', 'utf16le').swap16(),
    shown: text('Grüße, 世界 𝄞'),
  },
  'UTF-16, its order told by the mark': {
    type: 'application/xml; charset=utf-16',
    wire: Buffer.from(UTF16).swap16(),
    shown: text('⟨U+FEFF⟩<?xml version="1.0"?><a>ß€</a>'),
    notes: [UNSEEN],
  },
  'UTF-16 told by the mark alone': {
    type: 'application/xml',
    wire: UTF16,
    shown: text('⟨U+FEFF⟩<?xml version="1.0"?><a>ß€</a>'),
    notes: [UNSEEN],
  },
  Shift_JIS: {
    type: 'text/html; charset=Shift_JIS',
    wire: Buffer.from([0x93, 0xfa, 0x96, 0x7b, 0x8c, 0xea, 0x5c]),
    shown: text('日本語\\'),
  },
  'EUC-KR in quotes': {
    type: 'text/plain; charset="euc-kr"',
    wire: Buffer.from([0xc7, 0xd1, 0xb1, 0xdb]),
    shown: text('한글'),
  },
  GB18030: { type: 'text/csv; charset=gb18030', wire: Buffer.from([0xd6, 0xd0, 0xce, 0xc4]), shown: text('中文') },
  'Latin 1': { type: 'text/plain; charset=iso-8859-1', wire: bytes('déjà vu', 'latin1'), shown: text('déjà vu') },
  'a character set nobody knows': {
    type: 'text/plain; charset=klingon',
    wire: bytes('Qapla’'),
    shown: text('Qapla’'),
    notes: ['The character set "klingon" is not known; shown as UTF-8.'],
  },

  'big integers': { wire: bytes('{"id":9007199254740993,"amount":1.10,"tiny":1e-400,"huge":1e400}') },
  'keys twice and out of order': { wire: bytes('{"10":1,"9":2,"b":1,"a":2,"b":3,"__proto__":{"admin":true}}') },
  'white space': { wire: bytes('\r\n\t{ "a" :\t1 ,\n  "b":[ ] }\n\n') },
  'JSON 100,000 deep': { wire: DEEP },
  'JSON that breaks off': { wire: bytes('{"a": 1, "b": [1, 2') },
  'NUL bytes': {
    wire: Buffer.from('{"a":"\u0000","b":\u0000}'),
    shown: text('{"a":"⟨U+0000⟩","b":⟨U+0000⟩}'),
    notes: [UNSEEN],
  },
  'lone surrogates, escaped': { wire: bytes('{"a":"\\ud800","b":"\\udc00\\ud800"}') },
  'a surrogate in UTF-8': {
    type: 'text/plain',
    wire: Buffer.from([0x61, 0xed, 0xa0, 0x80, 0x62]),
    shown: text('a\ufffd\ufffd\ufffdb'),
    notes: [invalid('utf-8')],
  },
  'text that runs from right to left': {
    type: 'text/plain',
    wire: bytes('user‮nimda​'),
    shown: text('user⟨U+202E⟩nimda⟨U+200B⟩'),
    notes: [UNSEEN],
  },
  'a line of 600,000 letters': {
    wire: LONG_LINE,
    shown: first(LONG_LINE),
    notes: [only('256 KiB', '586 KiB')],
  },
  'one object a line': { type: 'application/x-ndjson', wire: bytes('{"a":1}\n{"a":2}\n\n{"a":') },

  'a page with a script': {
    type: 'text/html',
    wire: bytes('<!doctype html><script>document.title = "ran"</script><b>&amp;</b>'),
  },
  'XML with entities that grow': {
    type: 'application/xml',
    wire: bytes(
      '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;"><!ENTITY f SYSTEM "file:///etc/passwd">]><a>&c;&f;</a>',
    ),
  },
  'a form': { type: 'application/x-www-form-urlencoded', wire: bytes('a=1&a=2&b=%FF+%26&c') },
  'several parts': {
    type: 'multipart/mixed; boundary=x',
    wire: bytes('--x\r\nContent-Type: text/plain\r\n\r\none\r\n--x\r\n\r\ntwo\r\n--x--\r\n'),
  },
  'a stream of events': {
    type: 'text/event-stream',
    framed: () =>
      ['event: a\ndata: 1\n\n', ': still here\n\n', 'data: {"n":1}\n'].flatMap((part) => [
        bytes(`${part.length.toString(16)}\r\n${part}\r\n`),
        ...(part.endsWith('}\n') ? [bytes('0\r\n\r\n')] : []),
      ]),
    wire: bytes('event: a\ndata: 1\n\n: still here\n\ndata: {"n":1}\n'),
  },

  'an image': { type: 'image/png', wire: PNG, shown: { image: 'image/png' } },
  'an image that says it is JSON': {
    wire: PNG,
    shown: { image: 'image/png' },
    notes: ['The content type is application/json, but the bytes are those of image/png.'],
  },
  'a drawing with a script': {
    type: 'image/svg+xml',
    wire: bytes('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
  },
  'every byte there is': {
    type: 'application/octet-stream',
    wire: Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
    shown: hexOf(Buffer.from(Array.from({ length: 16 }, (_, byte) => byte))),
  },
  'a document that says it is text': {
    type: 'text/plain',
    wire: bytes('%PDF-1.7\n%âãÏÓ\n1 0 obj', 'latin1'),
    shown: text('%PDF-1.7\n%\ufffd\ufffd\ufffd\ufffd\n1 0 obj'),
    notes: [invalid('utf-8')],
  },
  'text without a content type': { type: null, wire: bytes('Just text: ü') },
  'bytes without a content type': {
    type: null,
    wire: Buffer.from([0xff, 0xd8, 0x00, 0x01]),
    shown: { hex: `000000  ff d8 00 01${' '.repeat(36)}  ····` },
  },

  gzip: coded('gzip', gzipSync(SENTENCE)),
  'gzip by its old name': coded('X-GZip', gzipSync(SENTENCE)),
  'gzip in two members': coded('gzip', Buffer.concat([gzipSync(SENTENCE.slice(0, 9)), gzipSync(SENTENCE.slice(9))])),
  brotli: coded('br', brotliCompressSync(SENTENCE)),
  zstd: coded('zstd', zstdCompressSync(SENTENCE)),
  deflate: coded('deflate', deflateSync(SENTENCE)),
  'deflate without its wrapping': coded('deflate', deflateRawSync(SENTENCE)),
  'packed twice': coded('gzip, br', brotliCompressSync(gzipSync(SENTENCE))),
  'a bomb': {
    ...coded('gzip', gzipSync(BOMB), BOMB.subarray(0, CAP)),
    type: 'application/octet-stream',
    truncated: true,
    shown: hexOf(BOMB),
    notes: [only('512 B', '1.0 MiB'), CUT],
  },
  'zstd with a window nobody should ask for': {
    headers: ['Content-Encoding: zstd'],
    wire: WIDE,
    shown: hexOf(WIDE),
    notes: [left('zstd')],
  },
  'a coding nobody knows': { ...coded('pack200', bytes(SENTENCE)), notes: [left('pack200')] },
  'no gzip where gzip is said': { ...coded('gzip', bytes(SENTENCE)), notes: [left('gzip')] },
  'a coding that changes nothing': coded('identity', bytes(SENTENCE)),

  'a length that is too long': { length: 500, wire: bytes(SENTENCE), fails: 'protocol' },
  'a length that is too short': {
    length: 10,
    wire: bytes(SENTENCE),
    kept: bytes(SENTENCE).subarray(0, 10),
    sum: { bytes: 10, sha256: sha256(bytes(SENTENCE).subarray(0, 10)) },
  },
  'chunks with trailers': {
    headers: ['Trailer: X-Sum'],
    framed: () => chunked(bytes(SENTENCE), 'X-Sum: 1\r\n'),
    wire: bytes(SENTENCE),
  },
  'chunks that break off': {
    framed: () => [bytes('25\r\n'), bytes(SENTENCE.slice(0, 20))],
    wire: bytes(SENTENCE.slice(0, 20)),
    fails: 'protocol',
  },
  'no length, the end of the connection instead': { length: null, wire: bytes(SENTENCE) },

  'exactly a chunk': { type: 'text/plain', wire: pattern(CHUNK) },
  'a chunk and a byte': { type: 'text/plain', wire: pattern(CHUNK + 1), notes: [only('256 KiB', '256 KiB')] },
  'exactly what is kept': { type: 'text/plain', wire: pattern(CAP), notes: [only('256 KiB', '1.0 MiB')] },
  'a byte more than is kept': {
    type: 'text/plain',
    wire: pattern(CAP + 1),
    kept: pattern(CAP),
    truncated: true,
    notes: [only('256 KiB', '1.0 MiB'), CUT],
  },
  '100 MiB': {
    type: 'text/plain',
    length: HUNDRED,
    framed: hundredMebibytes,
    kept: pattern(CAP),
    sum: sumOf(hundredMebibytes()),
    truncated: true,
    notes: [only('256 KiB', '1.0 MiB'), CUT],
  },
};

/** Every awkward answer by its name. */
export const AWKWARD_ANSWERS: Readonly<Record<string, AwkwardAnswer>> = Object.fromEntries(
  Object.entries(DRAFTS).map(([name, draft]) => [name, finished(draft)]),
);
