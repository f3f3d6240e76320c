import { describe, expect, test } from '@jest/globals';
import { ComparisonThreads } from '../../../src/services/comparisons/comparison-threads.ts';
import { differenceOf } from '../../../src/services/comparisons/difference.ts';

const body = (text: string | Uint8Array, contentType: string | null = 'application/json') => ({
  bytes: Buffer.from(text as string),
  contentType,
});
const between = (left: string, right: string) =>
  differenceOf({ left: body(left), right: body(right), byStructure: true });

function changesOf(left: string, right: string) {
  const told = between(left, right);
  if (told.how !== 'json') throw new Error(`It was compared by ${told.how}.`);
  return told.changes.map(({ kind, path, before, after }) => [kind, path, before, after]);
}

describe('two JSON bodies', () => {
  test.each([
    [
      'a number beyond 2^53',
      '{"id": 9007199254740993}',
      '{"id": 9007199254740992}',
      [['changed', '/id', '9007199254740993', '9007199254740992']],
    ],
    ['a key that stands twice', '{"a": 1, "a": 2}', '{"a": 1, "a": 3}', [['changed', '/a (no. 2)', '2', '3']]],
    ['a key that JavaScript knows', '{"__proto__": 1}', '{"__proto__": 2}', [['changed', '/__proto__', '1', '2']]],
    ['a key with a slash', '{"a/b~": 1}', '{}', [['removed', '/a~1b~0', '1', null]]],
    ['a text that looks like a number', '{"a": 1}', '{"a": "1"}', [['changed', '/a', '1', '"1"']]],
    ['a new first item', '[{"x": 1}, {"x": 2}]', '[{"x": 0}, {"x": 1}, {"x": 2}]', [['added', '/0', null, '{"x": 0}']]],
    ['an item that changed', '[{"id": 1, "x": 1}]', '[{"id": 1, "x": 2}]', [['changed', '/0/x', '1', '2']]],
    ['an item without an id', '[{"x": 1, "y": 1}, 5]', '[{"x": 1, "y": 2}, 5]', [['changed', '/0/y', '1', '2']]],
    [
      'another item in its place',
      '[{"id": 1}]',
      '[{"id": 2}]',
      [
        ['added', '/0', null, '{"id": 2}'],
        ['removed', '/0', '{"id": 1}', null],
      ],
    ],
    ['an item that moved', '["a", "b", "c"]', '["c", "a", "b"]', [['moved', '/0', '"c"', '"c"']]],
    [
      'an item that moved and changed',
      '[{"id": 1}, {"id": 2}, {"id": 3, "x": 1}]',
      '[{"id": 3, "x": 2}, {"id": 1}, {"id": 2}]',
      [
        ['changed', '/0/x', '1', '2'],
        ['moved', '/0', '{"id": 3, "x": 1}', '{"id": 3, "x": 2}'],
      ],
    ],
    ['the whole', '1', '2.0', [['changed', '', '1', '2.0']]],
  ])('differ in %s', (_, left, right, changes) => {
    expect(changesOf(left, right).toSorted()).toEqual(changes.toSorted());
  });

  test('that differ in the order of keys alone say so', () => {
    const told = between('{"2": 1, "1": 2}', '{"1": 2, "2": 1}');
    expect(told).toMatchObject({ how: 'json', changes: [] });
    expect(told.notes.join(' ')).toMatch(/Keys stand in another order.*All values are the same/);
  });

  test('in which a key is doubled say so', () => {
    expect(between('{"a": 1, "a": 2}', '{"a": 1, "a": 3}').notes).toEqual([
      expect.stringContaining('A key stands more than once in the same object.'),
    ]);
    expect(between('{"a": 2}', '{"a": 3}').notes).toEqual([]);
  });

  test('that moved tell from where', () => {
    const told = between('["a", "b", "c"]', '["c", "a", "b"]');
    expect(told.how === 'json' && told.changes).toMatchObject([{ kind: 'moved', path: '/0', from: '/2' }]);
  });

  test('with a mark on both sides say that nobody knows', () => {
    expect(between('{"a": "*redacted*", "b": 1}', '{"a": "*redacted*", "b": 2}').notes.join(' ')).toContain(
      'not known',
    );
  });

  const deep = (inner: string) => `${'['.repeat(100_000)}${inner}${']'.repeat(100_000)}`;

  test('that are too deep and differ in white space alone say so', () => {
    const told = between(deep('1'), deep(' 1 '));
    expect(told).toMatchObject({ how: 'text', lines: [] });
    expect(told.notes.at(-1)).toBe('All values are the same and in the same order. Only white space differs.');
  });

  test('that are too deep are compared by line', () => {
    const told = between(deep('1'), deep('2'));
    expect(told).toMatchObject({ how: 'text' });
    expect(told.how === 'text' && told.lines.filter(({ kind }) => kind === 'added').map(({ text }) => text)).toEqual([
      '2',
    ]);
  });
});

describe('two texts that are written in other bytes', () => {
  const SAME = 'The text is the same, character for character. Only the bytes it is written in differ.';
  const told = (left: readonly [Buffer, string], right: readonly [Buffer, string]) =>
    differenceOf({ left: body(...left), right: body(...right), byStructure: true });

  test.each([
    ['text', 'déjà vu', 'text/plain'],
    ['JSON', '{"a": "déjà vu"}', 'application/json'],
  ])('say that their encodings differ: %s', (_, text, type) => {
    expect(told([Buffer.from(text), type], [Buffer.from(text, 'latin1'), `${type}; charset=iso-8859-1`])).toEqual({
      how: 'text',
      lines: [],
      more: 0,
      notes: ['The encodings differ: the earlier is read as utf-8, the later as windows-1252.', SAME],
    });
  });

  test('say that one has a byte order mark, and are compared without it', () => {
    const marked = (text: string) => Buffer.from(`\ufeff${text}`);
    const note = 'Only the later begins with a byte order mark.';
    expect(told([Buffer.from('[1]'), 'text/plain'], [marked('[1]'), 'text/plain']).notes).toEqual([note, SAME]);
    expect(told([Buffer.from('[1]'), 'text/plain'], [marked('[2]'), 'text/plain'])).toMatchObject({
      how: 'json',
      changes: [{ path: '/0', before: '1', after: '2' }],
      notes: [note],
    });
  });

  test.each([
    ['a\r\nb\r\n', 'a\nb\n', 'The line ends differ: the earlier has CR LF, the later LF.'],
    ['a\rb\r', 'a\r\nb\n', 'The line ends differ: the earlier has CR, the later CR LF and LF.'],
    ['a\r\nb\n', 'a\nb\r\n', 'Both have CR LF and LF at the ends of lines.'],
  ])('say how their lines end, and show none of them as other: %j, %j', (left, right, note) => {
    expect(told([Buffer.from(left), 'text/plain'], [Buffer.from(right), 'text/plain'])).toMatchObject({
      lines: [],
      notes: [`${note} Lines are compared without them.`, 'All lines are the same but for their ends.'],
    });
  });

  test('show what else differs', () => {
    const difference = told([Buffer.from('a\r\nb\r\n'), 'text/plain'], [Buffer.from('a\nc\n'), 'text/plain']);
    expect(difference.notes).toEqual([expect.stringContaining('The line ends differ')]);
    expect(difference.how === 'text' && difference.lines.map(({ kind, text }) => [kind, text])).toEqual([
      ['same', 'a'],
      ['removed', 'b'],
      ['added', 'c'],
    ]);
  });

  test('of one line, or with the same line ends, say nothing of them', () => {
    for (const [left, right] of [
      ['a', 'b\r\n'],
      ['a\r\nb', 'a\r\nc'],
    ] as const)
      expect(told([Buffer.from(left), 'text/plain'], [Buffer.from(right), 'text/plain']).notes).toEqual([]);
  });
});

describe('two other bodies', () => {
  test('of which one ends without a line end show where', () => {
    const told = differenceOf({
      left: body('a\nb', 'text/plain'),
      right: body('a\nb\n', 'text/plain'),
      byStructure: true,
    });
    expect(told.how === 'text' && told.lines.map(({ kind, text }) => [kind, text])).toEqual([
      ['same', 'a'],
      ['removed', 'b'],
      ['end', 'No line end here'],
      ['added', 'b'],
    ]);
  });

  test('of text differ by line, with what stands around', () => {
    const lines = Array.from({ length: 30 }, (_, at) => `line ${at}`);
    const told = differenceOf({
      left: body(lines.join('\n'), 'text/plain'),
      right: body(lines.with(20, 'changed').join('\n'), 'text/plain'),
      byStructure: true,
    });
    expect(told.how === 'text' && told.lines.map(({ kind }) => kind)).toEqual([
      'gap',
      'same',
      'same',
      'same',
      'removed',
      'added',
      'same',
      'same',
      'same',
    ]);
  });

  test.each([
    ['both binary', [0, 255], [0, 254], 'Neither is text'],
    ['one binary', [0, 255], [65], 'Only one'],
  ])('%s are told by their hashes', (_, left, right, note) => {
    const pair = {
      left: body(Uint8Array.from(left), null),
      right: body(Uint8Array.from(right), null),
      byStructure: true,
    };
    const told = differenceOf(pair);
    expect([told.how, told.notes.join(' ')]).toEqual(['hash', expect.stringContaining(note)]);
  });
});

describe('a pair that is too much', () => {
  const many = (from: number) =>
    body(`[${Array.from({ length: 60_000 }, (_, at) => (from + 7919 * at) % 1_000_003).join(',')}]`);

  test('ends by its deadline, and holds the event loop up for nobody', async () => {
    const threads = new ComparisonThreads({ deadlineMs: 1500 });
    const before = process.threadCpuUsage();
    const [told, next] = await Promise.all([
      threads.compare({ left: many(1), right: many(2) }),
      threads.compare({ left: body('[1]'), right: body('[2]') }),
    ]);
    const { user, system } = process.threadCpuUsage(before);

    expect(told).toMatchObject({ how: 'hash' });
    expect(told.notes.join(' ')).toMatch(/too long|Too many lines/);
    expect(next).toMatchObject({ how: 'json' });
    // Of this thread's processor time, which does not depend on what else the machine does; the comparison takes seconds.
    expect((user + system) / 1000).toBeLessThan(700);
  }, 20_000);

  test('ends where its memory does', async () => {
    const threads = new ComparisonThreads({ memoryMb: 16 });
    expect((await threads.compare({ left: many(1), right: many(2) })).how).toBe('hash');
  }, 20_000);

  test('waits in a line that is not endless', async () => {
    const threads = new ComparisonThreads({ line: 1 });
    const [first, second] = await Promise.all(
      [1, 2].map(() => threads.compare({ left: body('[1]'), right: body('[2]') })),
    );
    expect([first?.how, second?.how]).toEqual(['json', 'hash']);
    expect((await threads.compare({ left: body('[1]'), right: body('[2]') })).how).toBe('json');
  });
});
