import { describe, expect, test } from '@jest/globals';
import { assetFiles } from '../../../src/web/middleware/assets.ts';
import { serve } from './serving.ts';

const asset = (immutable: boolean) => ({
  bytes: Buffer.from('body{}'),
  type: 'text/css; charset=utf-8',
  immutable,
  etag: '"e1"',
});
const FOUND = new Map([
  ['/assets/base.1f2e3d4c5b6a.css', asset(true)],
  ['/assets/base.css', asset(false)],
]);
const serving = () => serve(() => [assetFiles({ assets: { find: (path) => FOUND.get(path) ?? null } })]);

describe('a file for the browser', () => {
  test.each([
    ['/assets/base.1f2e3d4c5b6a.css', 'public, max-age=31536000, immutable'],
    ['/assets/base.css', 'no-cache'],
  ])('at %s is served with Cache-Control %s', async (path, kept) => {
    await using server = await serving();

    expect(await server.ask(path)).toMatchObject({
      status: 200,
      text: 'body{}',
      headers: {
        'cache-control': kept,
        etag: '"e1"',
        'content-type': 'text/css; charset=utf-8',
        'x-content-type-options': 'nosniff',
      },
    });
  });

  test('that the browser has already is not sent again', async () => {
    await using server = await serving();

    const headers = { 'if-none-match': '"e1"' };

    expect(await server.ask('/assets/base.css', { headers })).toMatchObject({ status: 304, text: '' });
    expect((await server.ask('/assets/base.css', { headers: { 'if-none-match': '"e2"' } })).status).toBe(200);
  });

  test.each(['/assets/../package.json', '/assets/%2e%2e/package.json', '/assets/', '/assets/none.css'])(
    'is not found at %s, and that answer is not kept',
    async (path) => {
      await using server = await serving();

      expect(await server.ask(path)).toMatchObject({ status: 404, headers: { 'cache-control': 'no-store' } });
    },
  );
});
