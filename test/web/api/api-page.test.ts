import { describe, expect, test } from '@jest/globals';
import { openApp } from '../../support/app.ts';
import { type ApiDocument, DescribedReplies } from '../../support/openapi.ts';

describe('the page about the API', () => {
  test('shows every operation of the description to everybody, with a line that can be run', async () => {
    await using app = await openApp();
    const client = app.client();
    const document = (await client.get('/api/openapi.json')).json<ApiDocument>();

    const { status, text } = await client.get('/api');

    expect(status).toBe(200);
    for (const { operationId, path } of new DescribedReplies(document).operations) {
      expect(text).toContain(`id="${operationId}"`);
      expect(text).toContain(`<code>${path}</code>`);
    }
    expect(text).toContain(`&#39;${app.url}/api/v1/connections/partner&#39;`);
  });

  test('leads nowhere that is not there', async () => {
    await using app = await openApp();
    const { text } = await app.client().get('/api');

    const ids = new Set([...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    const leads = [...text.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);

    expect(leads.length).toBeGreaterThan(20);
    expect(leads.filter((id) => !ids.has(id))).toEqual([]);
  });
});

describe('a type of problem', () => {
  test('is explained to people and programs', async () => {
    await using app = await openApp();
    const client = app.client();
    const { type } = (await client.get('/api/v1/nothing')).json<{ type: string }>();

    const page = await client.get(type);
    const plain = await client.get(type, { accept: 'text/plain' });

    expect([page.status, plain.status]).toEqual([200, 200]);
    expect(page.text).toContain('<h1>Not found</h1>');
    expect(plain.text).toContain('not-found (404)');
  });

  test.each(['nothing-of-ours', 'toString', '__proto__'])(
    'is not found where there is none, such as %s',
    async (code) => {
      await using app = await openApp();

      expect((await app.client().get(`/problems/${code}`)).status).toBe(404);
    },
  );
});
