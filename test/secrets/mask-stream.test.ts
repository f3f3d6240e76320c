import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { maskerFor, type MaskingSubject } from '../../src/secrets/masking.ts';
import { ENCODINGS, PLANTED } from './planted.ts';

const SECRETS = [
  ...PLANTED.map(([, secret]) => secret).filter((secret) => secret.length < 100),
  'aaaaaaaab',
  'seven77',
];
const RUNS = 1000;
const TYPES = [
  'application/json',
  'application/x-ndjson',
  'text/event-stream',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=BoRd',
  'text/plain',
  null,
];

const subject = fc.record({
  secrets: fc.uniqueArray(fc.constantFrom(...SECRETS), { maxLength: 4 }),
  basicPairs: fc.constantFrom([], [['client-1', SECRETS[0]!] as const]),
  wide: fc.boolean(),
});
const planted = fc
  .tuple(fc.constantFrom(...SECRETS), fc.constantFrom(...Object.values(ENCODINGS)))
  .map(([secret, encode]) => encode(secret));
const twice = fc.tuple(planted, fc.constantFrom(...Object.values(ENCODINGS))).map(([text, encode]) => encode(text));
const pieceOfSecret = fc
  .tuple(planted, fc.nat(40), fc.nat(40))
  .map(([text, from, length]) => text.slice(from, from + length));
const token = fc.constantFrom(
  ...'{ } [ ] , : " \\ \\\\ \\" \\u \\u00 \\ud83d \\ude80 % %2 %25 & &amp; &#3 &#x41; = + \n \r\n -- -1 0.5e+3 true a ab'.split(
    ' ',
  ),
  '"password"',
  '"password":',
  '"access_token" : "',
  '"pass\\u0077ord":{"a":',
  '\n\n',
  ' '.repeat(1030),
  'x'.repeat(400),
  'password=',
  '&client_secret=',
  '&x=eyJhbGci.eyJzdWIi.c2ln',
  '=Basic%20YTpi',
  '--BoRd\r\n',
  '\r\n--BoRd\r\nContent-Disposition: form-data; name="password"\r\n\r\n',
  '--BoRd\r\nContent-Disposition: form-data; name="note"\r\n\r\n',
  '\r\n--BoRd--\r\n',
);
const body = fc
  .array(fc.oneof({ weight: 6, arbitrary: token }, planted, twice, pieceOfSecret, fc.string({ maxLength: 8 })), {
    maxLength: 30,
  })
  .map((parts) => Buffer.from(parts.join('')));
const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 600 })), {
  minLength: 1,
  maxLength: 20,
});

/** What a stream makes of the bytes, cut in pieces of these sizes over and over. */
function streamed(
  by: MaskingSubject,
  bytes: Uint8Array,
  type: string | null,
  pieces: readonly number[],
  isCut = false,
) {
  const stream = maskerFor(by).bodyStream(type);
  const out: Uint8Array[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = pieces[turn % pieces.length]!;
    out.push(Buffer.from(stream.push(bytes.subarray(at, at + size))));
    at += size;
  }
  out.push(Buffer.from(stream.end(isCut)));
  return { text: Buffer.concat(out).toString('latin1'), masked: stream.masked };
}

describe('a body in pieces', () => {
  test('is masked as it is in one piece, wherever the pieces end', () => {
    fc.assert(
      fc.property(subject, body, fc.constantFrom(...TYPES), sizes, fc.boolean(), (by, bytes, type, pieces, isCut) => {
        const whole = maskerFor(by).body(bytes, type, isCut);
        const wanted = { text: Buffer.from(whole.bytes).toString('latin1'), masked: whole.masked };
        expect(streamed(by, bytes, type, pieces, isCut)).toEqual(wanted);
      }),
      { numRuns: RUNS, seed: 20_261_122 },
    );
  }, 120_000);
});

describe('a name and its value across every border', () => {
  test.each([
    ['application/json', '{"password":"a\\"b\\\\","n":-1,"pass\\u0077ord" : {"a" :["x\\\\\\"",1.5e3]},"b":"c"}'],
    ['text/event-stream', 'data: it said "\n\ndata: {"password":"x\\"y"}\n\n'],
    ['application/x-www-form-urlencoded', 'a=1&pass%77ord=x=y&=&b&c=Basic%20YTpi&code=&d=2'],
    [
      'multipart/form-data; boundary=B',
      '--B\r\ncontent-disposition: x; name="pin"\r\n\r\n1\r\n2\r\n--B\r\n\r\n3\r\n--B--',
    ],
  ])('of %s is masked as in one piece', (type, text) => {
    const by = { secrets: [], wide: true };
    const whole = Buffer.from(maskerFor(by).body(Buffer.from(text), type).bytes).toString();
    expect(whole).toContain('*redacted*');
    for (let size = 1; size < text.length; size += 1)
      expect(streamed(by, Buffer.from(text), type, [size]).text).toBe(whole);
  });
});

describe('a body of any size', () => {
  const by = { secrets: SECRETS, wide: true };

  test.each([
    ['a string', 'application/json', '{"a":1,"password":"', '"}', '{"a":1,"password":"*redacted*"}'],
    ['a number', 'application/json', '{"password":1', ',"b":2}', '{"password":"*redacted*","b":2}', '01234567'],
    ['a string in an array', 'application/json', '{"password":["', '"]}', '{"password":["*redacted*"]}'],
    ['a field', 'application/x-www-form-urlencoded', 'a=1&password=', '&b=2', 'a=1&password=*redacted*&b=2'],
    [
      'a part',
      'multipart/form-data; boundary=BoRd',
      '--BoRd\r\ncontent-disposition: form-data; name=pin\r\n\r\n',
      '\r\n--BoRd--',
      '--BoRd\r\ncontent-disposition: form-data; name=pin\r\n\r\n*redacted*\r\n--BoRd--',
    ],
    ['secrets that overlap', 'text/plain', '', '', '*redacted*', 'aaaaaaaab', 'aaaaaaaabaaaaaaaab'],
  ])(
    'with %s of 8 MiB to mask gets one marker',
    (_, type, before, after, wanted, filling = 'k9!x-Q2', secret = 'k9!x-Q2z') => {
      const stream = maskerFor({ secrets: [secret], wide: true }).bodyStream(type);
      const block = Buffer.alloc(9 * 7000, filling);
      const out = [stream.push(Buffer.from(before))];
      let given = before.length;
      for (let count = 0; count < 128; count += 1) {
        const part = stream.push(block);
        given += part.length;
        out.push(part);
      }
      expect(given).toBeLessThan(200);
      out.push(stream.push(Buffer.from(after)), stream.end());
      expect(Buffer.concat(out).toString()).toBe(wanted);
      expect(stream.masked).toBe(true);
    },
  );

  test.each([
    ['a string', 'application/json', '{"a":"'],
    ['a name', 'application/json', '{"password":{"'],
    ['white space', 'application/json', '{"password":["a"', ' '],
    ['a field', 'application/x-www-form-urlencoded', 'a='],
    ["a field's name", 'application/x-www-form-urlencoded', 'a'],
    ['what may be a form', null, 'a='],
    ['a part', 'multipart/form-data; boundary=BoRd', '--BoRd\r\ncontent-disposition: form-data; name=b\r\n\r\n'],
    ["a part's head", 'multipart/form-data; boundary=BoRd', '--BoRd\r\n'],
    ['boundaries', 'multipart/form-data; boundary=BoRd', '', '--BoR--BoRd'],
    ['digits and line ends', 'text/plain', '', 'abcd\n'],
    ['backslashes', 'application/json', '{"a":"', '\\'],
    ['beginnings of secrets', 'text/plain', '', SECRETS[0]!.slice(0, -1)],
    ['escapes', 'text/plain', '', '%25\\u0025&amp;'],
  ])('of %s is never held back by more than 64 KiB', (_, type, before, filling = 'xyz ') => {
    const stream = maskerFor(by).bodyStream(type);
    let held = before.length - stream.push(Buffer.from(before)).length;
    const block = Buffer.alloc(60_000, filling);
    let most = 0;
    for (let count = 0; count < 40; count += 1) {
      const out = stream.push(block);
      // What is masked leaves with less than came.
      held = stream.masked ? 0 : held + block.length - out.length;
      most = Math.max(most, held);
    }
    expect(most).toBeLessThan(64 * 1024);
  });
});

describe('a name before a value of unknown length', () => {
  test('is one however far its colon is, and a string longer than any name is none', () => {
    const long = 'n'.repeat(400);
    const json = `{"password":{"${long}":"a","b" ${' '.repeat(900)}:"c","d"${' '.repeat(2000)}:"e"}}`;
    const wanted = `{"password":{"*redacted*":"*redacted*","b" ${' '.repeat(900)}:"*redacted*","*redacted*"${' '.repeat(2000)}:"*redacted*"}}`;
    expect(streamed({ secrets: [], wide: false }, Buffer.from(json), 'application/json', [7]).text).toBe(wanted);
    expect(streamed({ secrets: [], wide: false }, Buffer.from(json), 'application/json', [9999]).text).toBe(wanted);
  });
});

describe('a long value in a form', () => {
  test('is masked from where it begins to look like a secret', () => {
    const clear = 'x'.repeat(40_000);
    const form = `a=${clear}&b=${clear} eyJhbGci.eyJzdWIi.c2ln${clear}&c=3`;
    const { text } = streamed(
      { secrets: [], wide: false },
      Buffer.from(form),
      'application/x-www-form-urlencoded',
      [501],
    );
    expect(text.startsWith(`a=${clear}&b=xxx`) && text.endsWith('*redacted*&c=3')).toBe(true);
    expect(text).not.toContain('eyJ');
    expect(text.length).toBeGreaterThan(form.length - 65_000);
  });
});

describe('what a stream gives by now', () => {
  const event = Buffer.from('data: {"n":1}\n\n');

  test.each(['text/event-stream', 'application/x-ndjson', null])('is all of an event that is whole (%s)', (type) => {
    const stream = maskerFor({ secrets: SECRETS, wide: false }).bodyStream(type);
    for (let count = 0; count < 3; count += 1) expect(Buffer.from(stream.push(event)).equals(event)).toBe(true);
    expect(stream.masked).toBe(false);
  });

  test('is the same array, where nothing has to wait', () => {
    const stream = maskerFor({ secrets: SECRETS, wide: true }).valueStream();
    expect(stream.push(event)).toBe(event);
  });
});
