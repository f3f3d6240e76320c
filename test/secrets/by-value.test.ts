import { describe, expect, test } from '@jest/globals';
import { maskerFor } from '../../src/secrets/masking.ts';
import { ENCODINGS, PLANTED } from './planted.ts';

const cases = PLANTED.flatMap(([kind, secret]) =>
  Object.entries(ENCODINGS).map(([encoding, encode]) => ({ kind, encoding, secret, planted: encode(secret) })),
);
const subjectOf = (secret: string) => ({
  secrets: [secret],
  basicPairs: [['client-1', secret]] as const,
  wide: false,
});
const maskerOf = (secret: string) => maskerFor(subjectOf(secret));

/** What is left of the planted text between known neighbours, markers and base64's own neighbours aside. */
function left(masked: string, encoding: string): string {
  const rest = masked.replaceAll('*redacted*', '');
  if (!/inside|JSON in|Basic/.test(encoding)) return rest;
  return rest.length <= 60 ? '' : rest;
}

describe('a secret in a body', () => {
  test.each(cases)('$kind, $encoding, is masked and nothing else', ({ encoding, secret, planted }) => {
    const around = ['{"note":"before ', ' after","n":12345678901234567890}'] as const;
    const body = Buffer.from(around.join(planted));
    const { bytes, masked } = maskerOf(secret).body(body, 'application/json');
    const text = Buffer.from(bytes).toString();

    expect(masked).toBe(true);
    expect(text.startsWith(around[0]) && text.endsWith(around[1])).toBe(true);
    expect(left(text.slice(around[0].length, -around[1].length), encoding)).toBe('');
  });
});

describe('a secret in a header, a URL or a sentence', () => {
  test.each(cases)('$kind, $encoding, is masked', ({ encoding, secret, planted }) => {
    const masker = maskerOf(secret);
    const [pair] = masker.headers([['x-echo', `v=${planted}`]]);

    expect(left(pair![1].slice(2), encoding)).toBe('');
    expect(left(masker.url(`https://api.example/${planted}`).slice('https://api.example/'.length), encoding)).toBe('');
    expect(left(masker.text(`It said ${planted}`).slice('It said '.length), encoding)).toBe('');
  });
});

describe('a secret across chunk borders', () => {
  test.each(cases)('$kind, $encoding, is masked wherever the chunks end', ({ encoding, secret, planted }) => {
    const whole = Buffer.from(`before ${planted} after`);
    const sizes = whole.length > 2000 ? [1009] : [1, 2, 3, 5, 7, 11, 64];
    for (const size of sizes) {
      const stream = maskerOf(secret).valueStream();
      const out: Uint8Array[] = [];
      for (let at = 0; at < whole.length; at += size) out.push(stream.push(whole.subarray(at, at + size)));
      const text = Buffer.concat([...out, stream.end()]).toString();
      expect(text.startsWith('before ') && text.endsWith(' after')).toBe(true);
      expect(left(text.slice(7, -6), encoding)).toBe('');
    }
  });
});

describe('a masker that knows fewer encodings', () => {
  const broken: Readonly<Record<string, (text: string, secret: string) => string>> = {
    'the raw secret only': (text, secret) => text.replaceAll(secret, '*redacted*'),
    'raw and base64 from its beginning': (text, secret) =>
      text.replaceAll(secret, '*redacted*').replaceAll(Buffer.from(secret).toString('base64'), '*redacted*'),
  };

  test.each(Object.entries(broken))('(%s) is seen to leak', (_, mask) => {
    const leaks = cases.filter(({ secret, planted, encoding }) => left(mask(planted, secret), encoding) !== '');
    expect(new Set(leaks.map(({ kind }) => kind)).size).toBe(PLANTED.length);
    expect(new Set(leaks.map(({ encoding }) => encoding))).toContain('hexadecimal');
    expect(new Set(leaks.map(({ encoding }) => encoding))).toContain('percent-encoded letter by letter');
  });
});

describe('a stream without secrets', () => {
  const subject = subjectOf('k9!x-Q2z');

  test('comes out as it went in, whatever is held back meanwhile', () => {
    const bytes = Buffer.from('k9!x k9!x-Q2 %6b9 \\u006 &#10 a\r\nb \\ud83d\\'.repeat(50));
    for (const size of [1, 7, 100]) {
      const stream = maskerFor(subject).valueStream();
      const out: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; at += size) out.push(stream.push(bytes.subarray(at, at + size)));
      expect(Buffer.concat([...out, stream.end()]).equals(bytes)).toBe(true);
    }
  });

  test('holds nothing of an event that is whole', () => {
    const event = Buffer.from('data: {"n":1}\n\n');
    expect(Buffer.from(maskerFor(subject).valueStream().push(event)).equals(event)).toBe(true);
  });

  test('holds no more than a secret could still need', () => {
    const stream = maskerFor(subject).valueStream();
    const given = Buffer.concat(Array.from({ length: 300 }, () => stream.push(Buffer.from('k9!x-Q2'.repeat(99)))));
    expect(300 * 99 * 7 - given.length).toBeLessThan(64);
  });
});

describe('secrets that follow each other in a stream', () => {
  test('are masked as they are in one piece', () => {
    const secrets = ['abcdefgh', 'abcdefgh-and-more', 'more-of-it', 'aaaaaaaa'];
    const whole = Buffer.from('xabcdefgh-and-more-of-it;abcdefghabcdefgh-and-mor;aaaaaaaaaaaaaaaaaaaay');
    const wanted = 'x*redacted*;*redacted**redacted*-and-mor;*redacted*y';
    for (let size = 1; size <= whole.length; size += 1) {
      const stream = maskerFor({ secrets, wide: false }).valueStream();
      const out: Uint8Array[] = [];
      for (let at = 0; at < whole.length; at += size) out.push(stream.push(whole.subarray(at, at + size)));
      expect(Buffer.concat([...out, stream.end()]).toString()).toBe(wanted);
    }
  });
});
