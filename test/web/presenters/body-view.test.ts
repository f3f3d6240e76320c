import { describe, expect, test } from '@jest/globals';
import { bodyView, INLINE_BYTES, type KeptBody } from '../../../src/web/presenters/body-view.ts';

function view(bytes: Uint8Array, changes: Partial<KeptBody> = {}) {
  const facts = { size: bytes.length, sha256: 'a'.repeat(64), truncated: false, wireBytes: null, wireSha256: null };
  return bodyView({ bytes, contentType: 'application/json', href: '/exchanges/1/response-body', ...facts, ...changes });
}

describe('a JSON body', () => {
  const raw = '{"b":900719925474099312345,"a":[1.50,1e3,{}],"a":"\\u0048\\/","e":[]}';
  const { text, tokens } = view(Buffer.from(raw));

  test('stands as it came', () => {
    expect(text).toBe(raw);
  });

  test('is laid out with its numbers, escapes, doubled keys and order untouched', () => {
    const laidOut = tokens?.map((token) => token.text).join('') ?? '';
    expect(laidOut).toBe(
      '{\n  "b": 900719925474099312345,\n  "a": [\n    1.50,\n    1e3,\n    {}\n  ],\n  "a": "\\u0048\\/",\n  "e": []\n}',
    );
  });

  test('tells keys from strings', () => {
    expect(tokens?.filter(({ kind }) => kind === 'key').map((token) => token.text)).toEqual([
      '"b"',
      '"a"',
      '"a"',
      '"e"',
    ]);
  });

  test.each(['{"a":1', '{"a":1}x', '[01]', "{'a':1}", ''])('that is broken is not laid out: %s', (broken) => {
    expect(view(Buffer.from(broken)).tokens).toBeNull();
  });
});

describe('a body of text', () => {
  test('is decoded by the charset of its content type', () => {
    expect(view(Buffer.from([0xe9]), { contentType: 'text/plain; charset="ISO-8859-1"' }).text).toBe('é');
  });

  test('with bytes that do not fit has replacements and says so', () => {
    const { text, notes } = view(Buffer.from([0x61, 0xff, 0x62]), { contentType: 'text/plain' });
    expect(text).toBe('a\uFFFDb');
    expect(notes.join()).toContain('not valid utf-8');
  });

  test('with a NUL or a direction mark says so', () => {
    expect(view(Buffer.from('a\0b'), { contentType: 'text/plain' }).notes.join()).toContain('cannot be seen');
    expect(view(Buffer.from('a\u202eb'), { contentType: null }).notes.join()).toContain('cannot be seen');
    expect(view(Buffer.from('a\rb'), { contentType: 'text/plain' }).notes.join()).toContain('cannot be seen');
    expect(view(Buffer.from('a\tb\r\n'), { contentType: null }).notes).toEqual([]);
  });

  test('with such characters is there to be copied with all of them, and with none that a page would lose', () => {
    const text = '\ufeffa\0\u202eb\r\n\u0085';
    const { exact } = view(Buffer.from(text), { contentType: 'text/plain' });
    expect(exact).toMatch(/^[ -~]+$/);
    expect(JSON.parse(exact!)).toBe(text);
    expect(view(Buffer.from('a\tb\r\né'), { contentType: null }).exact).toBeNull();
  });

  test('of an unknown charset is read as UTF-8 and says so', () => {
    const { text, notes } = view(Buffer.from('é'), { contentType: 'text/plain; charset=klingon' });
    expect(text).toBe('é');
    expect(notes.join()).toContain('"klingon"');
  });

  test('cut within a character at the limit is no fault', () => {
    const bytes = Buffer.from(`a${'é'.repeat(INLINE_BYTES / 2)}`);
    const { text, notes } = view(bytes, { contentType: 'text/plain' });
    expect(text).toHaveLength(INLINE_BYTES / 2);
    expect(notes).toEqual(['The first 256 KiB of 256 KiB are shown.']);
  });
});

describe('a body that is no text', () => {
  test('shows its first bytes in hex', () => {
    const { text, hexPreview } = view(Buffer.from('\x89PNX\r\n\x1a\n\0', 'latin1'), { contentType: 'image/png' });
    expect(text).toBeNull();
    expect(hexPreview).toBe('000000  89 50 4e 58 0d 0a 1a 0a 00                       ·PNX·····');
  });
});

describe('a body that was cut off when kept', () => {
  test('says how much of it there is', () => {
    const { notes, tokens } = view(Buffer.from('[]'), { truncated: true });
    expect(notes).toEqual(['Only the first 2 B were kept.']);
    expect(tokens).toBeNull();
  });
});

describe('an image', () => {
  const begin = (signature: string) => Buffer.from(`${signature}${'\0'.repeat(40)}`, 'latin1');

  test.each([
    ['image/png', '\x89PNG\r\n\x1a\n'],
    ['image/jpeg', '\xff\xd8\xff'],
    ['image/gif', 'GIF89a'],
    ['image/webp', 'RIFF\0\0\0\0WEBPVP8 '],
  ])('is told by its bytes: %s', (type, signature) => {
    const bytes = begin(signature);
    const shown = view(bytes, { contentType: 'text/plain' });
    expect(shown).toMatchObject({ text: null, hexPreview: null });
    expect(shown.image).toBe(`data:${type};base64,${bytes.toString('base64')}`);
    expect(shown.notes).toEqual([`The content type is text/plain, but the bytes are those of ${type}.`]);
  });

  test('of which a part is kept, or that is larger than a page takes, is shown in hex', () => {
    const bytes = begin('GIF89a');
    expect(view(bytes, { truncated: true, contentType: 'image/gif' })).toMatchObject({ image: null, text: null });
    expect(view(bytes, { size: INLINE_BYTES + 1, contentType: 'image/gif' }).hexPreview).toContain('47 49 46');
  });

  test('that is a drawing stays text: it may hold a script', () => {
    const drawing = view(Buffer.from('<svg><script/></svg>'), { contentType: 'image/svg+xml' });
    expect(drawing).toMatchObject({ image: null, text: '<svg><script/></svg>' });
  });
});
