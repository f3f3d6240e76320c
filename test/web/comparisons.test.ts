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

  test('of two connections of one name say that these are two', async () => {
    await using api = await openApi();
    await using app = await openApp();
    const owner = await app.owner();
    const connect = (slug: string) => owner.connect({ ...PLAIN, apiOrigin: api.origin, slug });
    const first = await owner.call(await connect('one'), 'GET', '/orders');
    const second = await owner.call(await connect('other'), 'GET', '/orders');
    await owner.post('/connections/other/deletion', {});
    const third = await owner.call(await connect('other'), 'GET', '/orders');
    const rowOf = async (left: string, right: string) =>
      wordsOf((await owner.get(`/comparisons?exchange=${left}&exchange=${right}`)).text);

    expect(await rowOf(first, second)).toContain('Connection Partner (one) Partner (other) changed');
    expect(await rowOf(second, third)).toMatch(
      /Connection Partner \(([0-9a-f-]{36})\) Partner \((?!\1)[0-9a-f-]{36}\) changed/,
    );
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
});

const NOBODY = '0193a9a4-0000-7000-8000-000000000000';

describe('two exchanges of different pages of the history', () => {
  test('are compared by their links or ids, from the page of one of them', async () => {
    await using api = await openApi();
    await using app = await openApp();
    const owner = await app.owner();
    const slug = await owner.connect({ ...PLAIN, apiOrigin: api.origin });
    const first = await owner.call(slug, 'GET', '/orders');
    const second = await owner.call(slug, 'GET', '/orders/7');

    expect((await owner.get(`/exchanges/${second}`)).text).toContain(`href="/comparisons/new?exchange=${second}"`);
    const form = await owner.get(`/comparisons/new?exchange=${second}`);
    expect(form.status).toBe(200);
    expect(typedIn(form.text)).toEqual([second, '']);

    for (const pasted of [
      `${app.url}/exchanges/${first}`,
      `${app.url}/connections/${slug}?exchange=${first}#sent`,
      ` ${first.toUpperCase()}\n`,
    ]) {
      const { status, text } = await owner.get(
        `/comparisons?${new URLSearchParams([
          ['exchange', second],
          ['exchange', pasted],
        ])}`,
      );
      expect([status, wordsOf(text)]).toEqual([
        200,
        expect.stringMatching(/Earlier GET \/orders .*Later GET \/orders\/7 /),
      ]);
    }
  });

  test('that are not there, or are not two, are asked for again, with what was typed', async () => {
    await using api = await openApi();
    await using app = await openApp();
    const owner = await app.owner();
    const id = await owner.call(await owner.connect({ ...PLAIN, apiOrigin: api.origin }), 'GET', '/orders');
    const neither = 'This is neither a link to one exchange nor its id.';
    const none = 'Give a link to an exchange, or its id.';

    for (const [typed, status, ...said] of [
      [[], 422, none, none],
      [[id], 422, none],
      [[id, 'order 7'], 422, neither],
      [[id, `/comparisons?exchange=${id}&exchange=${NOBODY}`], 422, neither],
      [[id, `${app.url}/exchanges/${id}`], 422, 'This is the same exchange once more.'],
      [[id, id, id], 422, 'A comparison is of two exchanges.'],
      [[id, NOBODY], 404, `There is no exchange &quot;${NOBODY}&quot;.`],
    ] as const) {
      const reply = await owner.get(
        `/comparisons?${new URLSearchParams(typed.map((one): [string, string] => ['exchange', one]))}`,
      );
      const faults = [...reply.text.matchAll(/class="(?:form|field)-error"[^>]*>([^<]*)</g)].map(([, fault]) => fault);
      expect([reply.status, ...faults]).toEqual([status, ...said]);
      expect(reply.text).toContain('<a href="/exchanges">History</a>');
      expect(typedIn(reply.text)).toEqual([typed[0] ?? '', typed[1]?.replaceAll('&', '&amp;') ?? '']);
    }
  });

  test('are a problem for a program where they are not two', async () => {
    await using app = await openApp();
    const owner = await app.owner();
    const reply = await owner.get('/comparisons', { accept: 'application/json' });
    expect([reply.status, reply.json()['type']]).toEqual([422, '/problems/invalid-input']);
  });
});

/** What stands in the fields of the form. */
function typedIn(page: string): (string | undefined)[] {
  return [...page.matchAll(/name="exchange" type="text" value="([^"]*)"/g)].map(([, value]) => value);
}

/** What a person reads of a page, in one line. */
function wordsOf(page: string): string {
  return page.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');
}
