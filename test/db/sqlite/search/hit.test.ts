import { expect, test } from '@jest/globals';
import { hitIn } from '../../../../src/db/sqlite/search/hit.ts';
import { phrasesOf } from '../../../../src/db/sqlite/search/query-words.ts';
import type { SearchDocument } from '../../../../src/kernel/search-document.ts';

const DOCUMENT: SearchDocument = {
  method: 'POST',
  url: 'https://api.example/orders/42',
  request_headers: 'Accept: application/json\nX-Order: 42',
  request_body: '{"item":"paper"}',
  response_headers: 'Content-Type: application/json',
  response_body: `${'lorem '.repeat(40)}the Paper\n\tBoat sails${' dolor'.repeat(40)}`,
};
const hit = (query: string) => hitIn(DOCUMENT, phrasesOf(query));

test('a hit is the first place of the first of the phrases that stands there, on one line, with what is around it', () => {
  expect(hit('"paper boat"')).toEqual({
    column: 'response_body',
    before: '…m lorem lorem lorem lorem lorem lorem lorem the ',
    match: 'Paper Boat',
    after: expect.stringMatching(/^ sails dolor.*…$/),
  });
});

test.each([
  ['paper', 'response_body', 'Paper'],
  ['request_body:paper', 'request_body', 'paper'],
  ['42', 'url', '42'],
  ['request_headers:42', 'request_headers', '42'],
  ['post', 'method', 'POST'],
  ['bo*', 'response_body', 'Boat'],
  ['json', 'response_headers', 'json'],
  ['nothing OR accept', 'request_headers', 'Accept'],
  ['sails NOT (orders nothing)', 'response_body', 'sails'],
  ['nothing OR paper + boat', 'response_body', 'Paper Boat'],
  ['- url : 42', 'request_headers', '42'],
  ['{url request_headers} : (42 NOT url : 42)', 'url', '42'],
  ['pap* + boat', 'response_body', 'Paper Boat'],
])('%s stands in %s', (query, column, match) => {
  expect(hit(query)).toMatchObject({ column, match });
});

test('what stands nowhere has none', () => {
  expect(hit('nothing')).toBeNull();
  expect(hit('url:paper')).toBeNull();
});
