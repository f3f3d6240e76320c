import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { rowsOf } from '../support/kept-exchanges.ts';
import type { Reply } from '../support/client.ts';
import { connected, openWorld, sentCall, type World } from './api/world.ts';

let world: World;
let slug: string;
beforeAll(async () => {
  world = await openWorld();
  slug = await connected(world);
});
afterAll(async () => world[Symbol.asyncDispose]());

async function sent(method: string, path: string, body = '', headers: string[][] = []): Promise<string> {
  const json = { method, path, headers, ...(body !== '' && { body }) };
  return (await sentCall(world, slug, json)).id;
}

const searched = (q: string, more: Record<string, string> = {}) =>
  world.browser.get(`/exchanges?${new URLSearchParams({ q, ...more })}`);
const idsOf = ({ text }: Reply) => [
  ...new Set([...text.matchAll(/href="\/exchanges\/([0-9a-f-]{36})"/g)].map(([, id]) => id ?? '')),
];
const found = async (q: string, more: Record<string, string> = {}) => idsOf(await searched(q, more));
const hitsOf = ({ text }: Reply) =>
  [...text.matchAll(/<p class="hit">(.*?)<\/p>/g)].map(([, hit]) => (hit ?? '').replaceAll(/<(?!\/?mark)[^>]+>/g, ''));
const linkOf = ({ text }: Reply, rel: string) =>
  new RegExp(`href="([^"]+)" rel="${rel}"`).exec(text)?.[1]?.replaceAll('&amp;', '&') ?? null;

describe('free text in the history', () => {
  test('is found wherever it stands, and shown with what is around it', async () => {
    const inUrl = await sent('GET', '/echo/Zanzibar-17?page=3');
    const inHeader = await sent('GET', '/orders', '', [['X-Campaign', 'spring mulberry']]);
    const inBody = await sent('POST', '/echo', '{"note":"a crate of Räucherlachs, please"}');
    const inAnswer = await sent('DELETE', '/status/418');

    expect(await found('zanzibar')).toEqual([inUrl]);
    expect(await found('mulberry spring')).toEqual([inHeader]);
    expect(await found('raucherlachs')).toEqual([inBody]);
    expect(await found('delete 418')).toEqual([inAnswer]);
    expect(hitsOf(await searched('lachs OR räucherlachs'))).toEqual([
      expect.stringMatching(/^response body .*a crate of <mark>Räucherlachs<\/mark>, please/),
    ]);
    expect(hitsOf(await searched('url:zanzibar'))).toEqual([expect.stringMatching(/^URL .*<mark>Zanzibar<\/mark>-17/)]);
    expect(hitsOf(await searched('"spring mulberry"'))[0]).toMatch(/^request headers .*<mark>spring mulberry<\/mark>/);
  });

  test('is taken as its words where it is no query', async () => {
    const id = await sent('POST', '/echo', 'write to billing@partner.example, (re: 2026/11-4711)');
    for (const text of [
      'billing@partner.example',
      '2026/11-4711',
      '(re: 2026',
      '"billing',
      'AND',
      '*',
      "partner's OR",
    ]) {
      const reply = await searched(text);
      expect([text, reply.status]).toEqual([text, 200]);
      expect([text, idsOf(reply).includes(id)]).toEqual([text, !["partner's OR", 'AND', '*'].includes(text)]);
      const said = text === '*' ? 'There is no word in it to look for' : 'The words were looked for as they stand.';
      expect(reply.text).toContain(said);
    }
    expect(await found('bill*')).toEqual([id]);
    const short = await searched('bi*');
    expect(idsOf(short)).toEqual([]);
    expect(short.text).toContain('as they stand: the beginning of a word needs three letters before its asterisk.');
    expect((await searched('billing')).text).not.toContain('as they stand');
  });

  test('goes together with filters, with the API and with exports', async () => {
    const got = await sent('GET', '/echo/pomegranate');
    const posted = await sent('POST', '/echo/pomegranate', '{}');
    expect(await found('pomegranate')).toEqual([posted, got]);
    expect(await found('pomegranate', { method: 'GET' })).toEqual([got]);
    expect(await found('pomegranate', { status: '5xx' })).toEqual([]);

    const listed = await world.viewer.ask('GET', '/api/v1/exchanges?q=pomegranate&method=POST');
    expect(listed.json<{ items: { id: string }[] }>().items.map(({ id }) => id)).toEqual([posted]);
    const lines = (await world.viewer.ask('GET', '/api/v1/exchanges.jsonl?q=pomegranate')).text.trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { id: string }).id)).toEqual([posted, got]);
    expect((await world.viewer.ask('GET', '/api/v1/exchanges.har?q=nowheretobefound')).status).toBe(404);
  });

  test('that nothing holds says so, and so does what is too long', async () => {
    expect((await searched('nowheretobefound')).text).toContain('No exchange matches.');
    const reply = await searched('x'.repeat(501));
    expect([reply.status, reply.text.includes('Write 500 characters or fewer.')]).toEqual([422, true]);
    expect(reply.text).toContain(`value="${'x'.repeat(501)}"`);
    expect((await searched('x', { minMs: 'soon' })).text).toContain('id="minMs-error"');
  });

  test.each(['connection', 'method', 'outcome', 'kind', 'pinned'])('marks a %s that is none', async (name) => {
    const { status, text } = await searched('x', { [name]: 'no '.repeat(100) });
    expect(status).toBe(422);
    expect(text).toContain('correct what is marked above');
    expect(new RegExp(`id="${name}-error">([^<]+)`).exec(text)?.[1]).toMatch(/\w/);
  });

  test('is read page by page, both ways, each exchange once', async () => {
    const ids: string[] = [];
    for (let number = 0; number < 120; number += 1) ids.unshift(await sent('GET', `/echo/quince/${number}`));

    for (const start of ['/exchanges?q=quince', '/exchanges?method=GET']) {
      const pages = [await world.browser.get(start)];
      for (let next = linkOf(pages[0]!, 'next'); next; next = linkOf(pages.at(-1)!, 'next'))
        pages.push(await world.browser.get(next));
      const all = pages.flatMap(idsOf);
      expect(all.slice(0, 120)).toEqual(ids);
      expect(new Set(all).size).toBe(all.length);

      const back = [pages.at(-1)!];
      for (let next = linkOf(back[0]!, 'prev'); next; next = linkOf(back.at(-1)!, 'prev'))
        back.push(await world.browser.get(next));
      expect(back.map(idsOf).toReversed()).toEqual(pages.map(idsOf));
      expect(linkOf(back.at(-1)!, 'prev')).toBeNull();
    }
    const total = /<p class="muted">About (\d+) exchanges/.exec((await searched('quince')).text)?.[1];
    expect(Number(total)).toBeGreaterThan(90);
    expect(Number(total)).toBeLessThan(200);
  });

  test('keeps to the workspace', async () => {
    await sent('GET', '/echo/tamarind');
    const { id } = rowsOf(world.app.databaseFile, 'select id from exchange order by id desc limit 1')[0]!;
    const database = new Database(world.app.databaseFile);
    database.prepare(`update exchange set workspace_id = '00000000-0000-7000-8000-000000000000' where id = ?`).run(id);
    database.close();
    expect(await found('tamarind')).toEqual([]);
  });

  test('is gone from the index with its exchange, and a selection goes by it', async () => {
    const kept = await sent('GET', '/echo/elderberry/kept');
    await sent('GET', '/echo/elderberry/gone');
    await sent('GET', '/echo/elderberry/gone');
    const form = (reply: Reply) =>
      Object.fromEntries(
        [...reply.text.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(([, name, value]) => [
          name!,
          value!,
        ]),
      );
    const asked = await world.browser.get('/exchanges/deletion?q=elderberry+gone');
    expect(asked.text).toContain('Delete 2 exchanges?');
    const odd = await world.browser.get('/exchanges/deletion?q=elderberry/gone');
    expect(odd.text).toContain('Delete 2 exchanges?');
    expect(odd.text).toContain('The words were looked for as they stand.');
    expect(asked.text).toContain('Exchanges that match the text “elderberry gone”.');
    const indexed = () =>
      rowsOf(world.app.databaseFile, `select rowid from search_text where search_text match 'elderberry'`).length;
    expect(indexed()).toBe(3);
    await world.browser.post('/exchanges/deletion', form(asked));
    expect(await found('elderberry')).toEqual([kept]);
    expect(indexed()).toBe(1);
  });
});
