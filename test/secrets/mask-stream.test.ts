import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { maskerFor, type MaskingSubject } from '../../src/secrets/masking.ts';
import { ENCODINGS, PLANTED } from './planted.ts';

const SECRETS = [
  ...PLANTED.map(([, secret]) => secret).filter((secret) => secret.length < 100),
  'aaaaaaaab',
  'seven77',
];
const RUNS = 2000;
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
      { numRuns: RUNS },
    );
  }, 120_000);
});
