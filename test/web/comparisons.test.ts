import { describe, expect, test } from '@jest/globals';
import { openApi } from '../support/api.ts';
import { openApp } from '../support/app.ts';

const PLAIN = { provider: { origin: 'http://127.0.0.1:9', clientId: '', clientSecret: '' }, authType: 'none' };

describe('two exchanges side by side', () => {
  test('tell what changed, the earlier one first, from the page of the later one', async () => {
    await using api = await openApi();
    await using app = await openApp();
    const owner = await app.owner();
    const slug = await owner.connect({ ...PLAIN, apiOrigin: api.origin });
    const send = (path: string, id: string) =>
      owner.call(slug, 'POST', path, { body: `{"id": ${id}}`, contentType: 'json', headers: `x-run: ${id}` });
    const first = await send('/orders?page=1', '9007199254740993');
    app.clock.advance(1000);
    await send('/orders/7', '1');
    const second = await send('/orders', '9007199254740992');

    const page = await owner.get(`/exchanges/${second}`);
    expect(page.text).toContain(`href="/comparisons?exchange=${first}&amp;exchange=${second}"`);
    expect((await owner.get(`/exchanges/${first}`)).text).not.toContain('/comparisons?');

    const { status, text } = await owner.get(`/comparisons?exchange=${second}&exchange=${first}`);
    expect(status).toBe(200);
    expect((await owner.get('/exchanges')).text.match(/form="compare" name="exchange"/g)).toHaveLength(3);
    const words = wordsOf(text);
    expect(words).toContain('/id 9007199254740993 9007199254740992 changed');
    expect(words).toContain('x-run 9007199254740993 9007199254740992 changed');
    expect(words).toContain('Total, to the last byte');
  });

  test('show their hashes where nothing else tells them apart, and whether their connections were reused', async () => {
    await using api = await openApi();
    await using app = await openApp();
    const owner = await app.owner();
    const slug = await owner.connect({ ...PLAIN, apiOrigin: api.origin });
    const ids: string[] = [];
    for (const size of [300, 400]) ids.push(await owner.call(slug, 'GET', `/bytes?size=${size}`));
    const textOf = async (one: string, other: string) =>
      (await owner.get(`/comparisons?exchange=${one}&exchange=${other}`)).text;

    const binary = await textOf(ids[0]!, ids[1]!);
    expect(binary).toMatch(/<details open><summary>Sizes and hashes/);
    const words = wordsOf(binary);
    expect(words).toContain('Connected new reused changed');
    expect(words).toMatch(/Kept 300 bytes SHA-256, kept [0-9a-f]{64} On the wire 300 bytes .* Kept 400 bytes/);
    expect(await textOf(ids[0]!, await owner.call(slug, 'GET', '/bytes?size=300'))).not.toContain('<details open>');
  });

  test('that began in one second have another start, told to the millisecond', async () => {
    await using api = await openApi();
    await using app = await openApp();
    const owner = await app.owner();
    const slug = await owner.connect({ ...PLAIN, apiOrigin: api.origin });
    app.clock.stop();
    app.clock.advance(1000 - app.clock.now().getMilliseconds());
    const first = await owner.call(slug, 'GET', '/orders');
    app.clock.advance(42);
    const second = await owner.call(slug, 'GET', '/orders');

    const { text } = await owner.get(`/comparisons?exchange=${first}&exchange=${second}`);

    expect(wordsOf(text)).toMatch(/Started (\S+ \S+)\.000 UTC \1\.042 UTC changed/);
  });

  test('are refused unless there are two', async () => {
    await using app = await openApp();
    const owner = await app.owner();
    for (const query of ['', '?exchange=a', '?exchange=a&exchange=b&exchange=c'])
      expect((await owner.get(`/comparisons${query}`)).status).toBe(422);
    expect((await owner.get('/comparisons?exchange=a&exchange=b')).status).toBe(404);
  });
});

/** What a person reads of a page, in one line. */
function wordsOf(page: string): string {
  return page.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');
}
