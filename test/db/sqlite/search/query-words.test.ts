import { describe, expect, test } from '@jest/globals';
import { eachWord, isTooBroad, phrasesOf, plainQuery } from '../../../../src/db/sqlite/search/query-words.ts';

const told = (query: string) =>
  phrasesOf(query).map(({ words, columns, isExcluded }) =>
    [
      ...(isExcluded ? ['not'] : []),
      ...(columns ? [columns.join('+')] : []),
      words.map(({ folded, isBeginning }) => folded + (isBeginning ? '*' : '')).join(' '),
    ].join(':'),
  );

describe('a query of FTS5', () => {
  test.each([
    ['one two', ['one', 'two']],
    ['"one two" three', ['one two', 'three']],
    ['"say ""hi"" now"', ['say hi now']],
    ['one* AND (two OR "three four"*)', ['one*', 'two', 'three four*']],
    ['url:one two', ['url:one', 'two']],
    ['URL : one', ['url:one']],
    ['{url method} : one', ['url+method:one'.replace('url+method', 'method+url')]],
    ['NEAR(one two, 5) three', ['one', 'two', 'three']],
    ['NEAR("one two" three) NEAR', ['one two', 'three', 'near']],
    ['^one + two', ['one two']],
    ['one* + "two three"* four', ['one* two three*', 'four']],
    ['one + "+" two', ['one', 'two']],
    ['one NOT two', ['one', 'not:two']],
    ['one NOT two three OR four', ['one', 'not:two', 'not:three', 'four']],
    ['one NOT (two three OR four) AND five', ['one', 'not:two', 'not:three', 'not:four', 'five']],
    ['(one NOT two) AND three', ['one', 'not:two', 'three']],
    ['one NOT NEAR(two three, 5) OR four', ['one', 'not:two', 'not:three', 'four']],
    ['one "NOT" two', ['one', 'not', 'two']],
    ['url : (one two) three', ['url:one', 'url:two', 'three']],
    ['{url method} : (one OR url : two OR request_body : three)', ['method+url:one', 'url:two', ':three']],
    ['- url : one two', ['method+request_headers+request_body+response_headers+response_body:one', 'two']],
    ['-{url response_body method} : one', ['request_headers+request_body+response_headers:one']],
    ['(one', ['one']],
    ['one) two', ['one', 'two']],
    ['one +', ['one']],
    ['{one : two', [':two']],
    ['one_two', ['one two']],
    ['Größe ÉTÉ', ['große', 'ete']],
    ['"AND"', ['and']],
    ['"url" : x', ['url:x']],
    ['', []],
    ['""', []],
  ])('%s looks for %j', (query, phrases) => {
    expect(told(query)).toEqual(phrases);
  });

  test.each([
    ['a*', true],
    ['ab*', true],
    ['abc*', false],
    ['"one ab"*', true],
    ['ab', false],
    ['a* + bcd', true],
    ['abc NOT a*', true],
    ['url : (abc de*)', true],
    [Array.from({ length: 41 }, (_, at) => `w${at}`).join(' + '), true],
    [Array.from({ length: 41 }, (_, at) => `w${at}`).join(' OR '), true],
    [Array.from({ length: 40 }, (_, at) => `w${at}`).join(' OR '), false],
  ])('%s is too broad: %s', (query, broad) => {
    expect(isTooBroad(query)).toBe(broad);
  });
});

describe('a text that is no query', () => {
  test.each([
    ['GET /orders?x=1', '"GET" "/orders?x=1"'],
    ['say "hi', '"say" """hi"'],
    [' * - ', ''],
    ['', ''],
  ])('%s is looked for as %s', (text, query) => {
    expect(plainQuery(text)).toBe(query);
  });
});

test('words are told apart and folded as the index does', () => {
  expect([...eachWord('Ünder_scored, naïve-42 東京 x')].map(({ folded }) => folded)).toEqual([
    'under',
    'scored',
    'naive',
    '42',
    '東京',
    'x',
  ]);
});
