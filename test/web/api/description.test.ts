import { describe, expect, test } from '@jest/globals';
import { openApp } from '../../support/app.ts';

describe('the description of the API', () => {
  test('is for everybody, and is not sent again to whoever has it', async () => {
    await using app = await openApp();
    const client = app.client();

    const first = await client.get('/api/openapi.json');
    const again = await client.get('/api/openapi.json', { 'if-none-match': first.headers.get('etag') ?? '' });

    expect(first.status).toBe(200);
    expect(first.headers.get('content-type')).toMatch(/^application\/json/);
    expect(first.json()).toMatchObject({ openapi: '3.1.1', servers: [{ url: app.url }] });
    expect([again.status, again.text]).toEqual([304, '']);
  });
});
