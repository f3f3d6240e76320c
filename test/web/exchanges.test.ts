import { describe, expect, test } from '@jest/globals';
import { openApi } from '../support/api.ts';
import { openApp } from '../support/app.ts';
import type { Client, Reply } from '../support/client.ts';
import { keptCalls } from '../support/kept-exchanges.ts';
import { openProvider } from '../support/provider.ts';

const PLAIN = { provider: { origin: 'http://127.0.0.1:9', clientId: '', clientSecret: '' }, authType: 'none' };

const idsOf = ({ text }: Reply) => [
  ...new Set([...text.matchAll(/href="\/exchanges\/([0-9a-f-]{36})"/g)].map(([, id]) => id ?? '')),
];
const olderOf = ({ text }: Reply) =>
  /href="(\/exchanges\?[^"]*cursor=[^"]+)"/.exec(text)?.[1]?.replaceAll('&amp;', '&') ?? null;

const link = (slug: string, name: string) => `<a href="/connections/${slug}">${name}</a>`;

/** Follows the history to its end; `between` happens before each next page. */
async function leafThrough(browser: Client, from: string, between: () => Promise<unknown>): Promise<string[]> {
  const seen: string[] = [];
  for (let next: string | null = from; next !== null;) {
    const page: Reply = await browser.get(next);
    seen.push(...idsOf(page));
    next = olderOf(page);
    await between();
  }
  return seen;
}

describe('the history', () => {
  test('leads through every exchange once, newest first, while more are added', async () => {
    await using api = await openApi();
    await using app = await openApp();
    const owner = await app.owner();
    const slug = await owner.connect({ ...PLAIN, apiOrigin: api.origin });
    for (let round = 0; round < 13; round += 1)
      await Promise.all(Array.from({ length: 8 }, () => owner.call(slug, 'GET', '/orders')));
    const before = keptCalls(app.databaseFile).map(({ id }) => id);

    const seen = await leafThrough(owner, '/exchanges', () => owner.call(slug, 'POST', '/orders'));

    expect(before).toHaveLength(104);
    expect(seen).toHaveLength(104);
    expect(new Set(seen)).toEqual(new Set(before));
  });

  test('shows what a filter asks for and nothing else', async () => {
    await using provider = await openProvider();
    await using api = await openApi({ provider });
    await using app = await openApp();
    const owner = await app.owner();
    const first = await owner.connect({ provider, apiOrigin: api.origin, name: 'First' });
    const second = await owner.connect({ ...PLAIN, apiOrigin: 'http://127.0.0.1:1025', name: 'Second' });
    const ok = await owner.call(first, 'GET', '/orders');
    const made = await owner.call(first, 'POST', '/orders');
    const gone = await owner.call(first, 'DELETE', '/status/404');
    const failed = await owner.call(second, 'GET', '/orders');

    const shown = async (query: string) => idsOf(await owner.get(`/exchanges?${query}`)).toSorted();
    const calls = async (query: string) => (await shown(query)).filter((id) => [ok, made, gone, failed].includes(id));

    expect(await calls('')).toEqual([ok, made, gone, failed].toSorted());
    expect(await shown('connection=second')).toEqual([failed]);
    expect(await calls('connection=first')).toEqual([ok, made, gone].toSorted());
    expect(await shown('method=delete')).toEqual([gone]);
    expect(await shown('status=404')).toEqual([gone]);
    expect(await shown('status=4XX')).toEqual([gone]);
    expect(await shown('status=201')).toEqual([made]);
    expect(await shown('outcome=failed')).toEqual([failed]);
    expect(await calls('outcome=answered&method=GET&connection=first')).toEqual([ok]);
    expect(await shown('outcome=pending')).toEqual([]);
    expect(await calls('connection=&method=&status=&outcome=')).toHaveLength(4);
  });

  test('leads to a connection by the address it has now, and to none that is deleted', async () => {
    await using api = await openApi();
    await using app = await openApp();
    const owner = await app.owner();
    const connect = (name: string) => owner.connect({ ...PLAIN, apiOrigin: api.origin, name });
    const shownAt = async (path: string) =>
      [...(await owner.get(path)).text.matchAll(/<td class="where" title="[^"]*">(.*?)<\/td>/g)].map(
        ([, cell]) => cell,
      );
    await owner.call(await connect('Wandering'), 'GET', '/orders');
    await owner.patchJson('/api/v1/connections/wandering', { slug: 'elsewhere', name: 'Settled' });
    // Another one has the old address by now.
    await owner.call(await connect('Wandering'), 'GET', '/orders');
    await owner.call(await connect('Soon gone'), 'GET', '/orders');
    await owner.post('/connections/soon-gone/deletion', {});

    const cells = ['Soon gone', link('wandering', 'Wandering'), link('elsewhere', 'Wandering')];
    expect(await shownAt('/exchanges')).toEqual(cells);
    expect(await shownAt('/')).toEqual(cells);
  });

  test('shows by a slug what its connection did, whatever it was called, and of a deleted one what nobody else has', async () => {
    await using api = await openApi();
    await using app = await openApp();
    const owner = await app.owner();
    const connect = (name: string) => owner.connect({ ...PLAIN, apiOrigin: api.origin, name });
    const shown = async (slug: string) => idsOf(await owner.get(`/exchanges?connection=${slug}`));
    const exported = async (slug: string) =>
      (await owner.get(`/exchanges.csv?connection=${slug}`)).text.split('\n').length;
    const calls = [
      await owner.call(await connect('Partner'), 'GET', '/orders'),
      await owner.call('partner', 'POST', '/orders', { body: 'marzipan' }),
    ].toReversed();
    await owner.patchJson('/api/v1/connections/partner', { slug: 'renamed', name: 'Renamed' });

    expect(await shown('renamed')).toEqual(calls);
    expect(await shown('renamed&q=marzipan')).toEqual(calls.slice(0, 1));
    expect(await shown('partner')).toEqual([]);
    const own = await owner.call(await connect('Partner'), 'GET', '/orders');
    expect(await shown('partner')).toEqual([own]);
    expect(await shown('partner&q=marzipan')).toEqual([]);
    expect((await owner.get('/exchanges/deletion?connection=partner')).text).toContain('Delete 1 exchange?');
    expect(await exported('renamed')).toBe((await exported('partner')) + 1);

    await owner.post('/connections/renamed/deletion', {});
    // They were recorded as another's, whose slug somebody has.
    expect(await shown('renamed')).toEqual([]);
    await owner.post('/connections/partner/deletion', {});
    expect(await shown('partner')).toEqual([own, ...calls]);
    expect(await shown('partner&q=marzipan')).toEqual(calls.slice(0, 1));
    expect((await owner.get('/exchanges')).text).toContain('<option value="partner">Partner (deleted)</option>');
  });

  test('keeps its filters from page to page', async () => {
    await using api = await openApi();
    await using app = await openApp();
    const owner = await app.owner();
    const slug = await owner.connect({ ...PLAIN, apiOrigin: api.origin });
    for (let round = 0; round < 8; round += 1)
      await Promise.all(
        ['GET', 'PUT', 'PUT', 'PUT', 'PUT', 'PUT', 'PUT', 'PUT'].map((method) => owner.call(slug, method, '/orders')),
      );

    const seen = await leafThrough(owner, '/exchanges?method=PUT&status=2xx', () => owner.call(slug, 'GET', '/orders'));

    expect(new Set(seen).size).toBe(56);
    expect(seen).toHaveLength(56);
  });

  test('refuses filters and cursors that are none', async () => {
    await using app = await openApp();
    const owner = await app.owner();
    const cursor = (text: string) => `cursor=${Buffer.from(text).toString('base64url')}`;

    for (const query of [
      'status=600',
      'status=ok',
      'status=-1',
      'outcome=lost',
      'method=GET%20/x',
      `method=${'X'.repeat(30)}`,
      'cursor=nonsense',
      cursor('1.2'),
      cursor("1.0193d5a0-0000-7000-8000-00000000000'"),
      cursor('999999999999999999.0193d5a0-0000-7000-8000-000000000000'),
      cursor('1.0193d5a0-0000-7000-8000-000000000000.more'),
    ]) {
      const page = await owner.get(`/exchanges?${query}`);
      expect([query, page.status]).toEqual([query, 422]);
      const isPlace = query.startsWith('cursor');
      expect(page.text.includes('correct what is marked above')).toBe(!isPlace);
      expect(page.text.includes('aria-invalid="true"')).toBe(!isPlace);
      expect(page.text.includes('<a href="/exchanges">Start from the newest</a>')).toBe(isPlace);
    }
    const filtered = await owner.get('/exchanges?method=PUT&newer=nonsense');
    expect(filtered.text).toContain('<a href="/exchanges?method=PUT">Start from the newest</a>');
  });
});
