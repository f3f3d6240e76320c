import { harEntry } from '../support/hars.ts';

const { request, response } = harEntry();

/** Bodies that would stay if anything did: small ones, and one of many chunks. */
export const good = harEntry({
  request: { ...request, method: 'POST', postData: { mimeType: 'text/plain', text: 'kept by nobody' } },
  response: { ...response, content: { size: 2 ** 20, mimeType: 'text/plain', text: 'no trace of it '.repeat(70_000) } },
});
/** An entry with another request. */
export const withRequest = (change: object) => harEntry({ request: { ...request, ...change } });
const withResponse = (change: object) => harEntry({ response: { ...response, ...change } });
const without = (name: string, from: object) =>
  Object.fromEntries(Object.entries(from).filter(([key]) => key !== name));

/** Entries that cannot be taken, as the third of a file; which field it is, and what is said of it. */
export const WRONG_ENTRIES: readonly [what: string, entry: unknown, field: string, detail: string][] = [
  [
    'no method',
    harEntry({ request: without('method', request) }),
    '/request/method',
    'Entry 3: request.method is missing.',
  ],
  [
    'a method of two words',
    withRequest({ method: 'GET IT' }),
    '/request/method',
    'Entry 3: request.method must be a single word, such as GET.',
  ],
  ['a method that is a number', withRequest({ method: 7 }), '/request/method', 'Entry 3: request.method must be text.'],
  ['no request', without('request', harEntry()), '/request', 'Entry 3: request is missing.'],
  ['no response', without('response', harEntry()), '/response', 'Entry 3: response is missing.'],
  ['a path for a URL', withRequest({ url: '/orders' }), '/request/url', 'Entry 3: request.url is no whole URL.'],
  [
    'a URL without end',
    withRequest({ url: `https://a.example/${'x'.repeat(70_000)}` }),
    '/request/url',
    'Entry 3: request.url must be no longer than 65,536 characters.',
  ],
  [
    'headers as an object',
    withRequest({ headers: { Accept: '*/*' } }),
    '/request/headers',
    'Entry 3: request.headers must be a list.',
  ],
  [
    'a header without a value',
    withRequest({ headers: [{ name: 'A', value: 'b' }, { name: 'B' }] }),
    '/request/headers/1/value',
    'Entry 3: request.headers.1.value is missing.',
  ],
  [
    'a time that is none',
    harEntry({ startedDateTime: 'yesterday' }),
    '/startedDateTime',
    'Entry 3: startedDateTime is no time, such as 2026-11-22T09:00:00.000Z.',
  ],
  [
    'a time of long ago',
    harEntry({ startedDateTime: '1066-10-14T09:00:00Z' }),
    '/startedDateTime',
    'Entry 3: startedDateTime is no time, such as 2026-11-22T09:00:00.000Z.',
  ],
  [
    'a 30th of February',
    harEntry({ startedDateTime: '2026-02-30T25:00:00Z' }),
    '/startedDateTime',
    'Entry 3: startedDateTime is no time, such as 2026-11-22T09:00:00.000Z.',
  ],
  [
    'a status that is none',
    withResponse({ status: 1_000 }),
    '/response/status',
    'Entry 3: response.status: At most 999 fit here.',
  ],
  [
    'a status in words',
    withResponse({ status: 'OK' }),
    '/response/status',
    'Entry 3: response.status must be a number.',
  ],
  [
    'a phase in words',
    harEntry({ timings: { wait: 'long' } }),
    '/timings/wait',
    'Entry 3: timings.wait must be a number.',
  ],
  [
    'an answer that is not base64',
    withResponse({ content: { size: 3, text: 'Ä*!', encoding: 'base64' } }),
    '/response/content/text',
    'Entry 3: response.content.text is not base64.',
  ],
  [
    'an answer in base64 that was cut',
    withResponse({ content: { size: 3, text: 'R0lGO', encoding: 'base64' } }),
    '/response/content/text',
    'Entry 3: response.content.text is not base64.',
  ],
  [
    'a request that is not base64',
    withRequest({ postData: { mimeType: '', text: 'a=b=', _encoding: 'base64' } }),
    '/request/postData/text',
    'Entry 3: request.postData.text is not base64.',
  ],
  ['text', 'an entry', '', 'Entry 3: it must be an object.'],
  ['nothing', null, '', 'Entry 3: it must be an object.'],
];
