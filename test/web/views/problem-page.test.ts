import { describe, expect, test } from '@jest/globals';
import { openApp } from '../../support/app.ts';

const FAULTS = [
  ['/nowhere', 404, 'There is nothing at this address'],
  ['/connections/gone', 404, 'There is no connection'],
  ['/exchanges.har?status=banana', 422, '<li><code>status</code> '],
] as const;

const WAYS_BACK = [
  ['/exchanges.csv?method=put&status=404', '/exchanges?method=PUT&amp;status=404'],
  ['/exchanges.har?status=banana', '/exchanges?status=banana'],
  ['/exchanges/01999999-0000-7000-8000-000000000000', '/exchanges'],
] as const;

describe('a fault, shown to somebody who is signed in', () => {
  test('is a page with the way home', async () => {
    await using app = await openApp();
    const owner = await app.owner();
    for (const [path, status, words] of FAULTS) {
      const page = await owner.get(path);
      expect([path, page.status, page.headers.get('content-type')]).toEqual([path, status, 'text/html; charset=utf-8']);
      expect(page.text).toContain(words);
      expect(page.text).toContain('Sign out');
      expect(page.text).toContain('<a class="button" href="/">');
    }
    for (const [path, way] of WAYS_BACK)
      expect((await owner.get(path)).text).toContain(`<a class="button" href="${way}">Go to the history</a>`);
    expect((await owner.get('/connections/gone')).text).not.toContain('Go to the history');
    expect(app.log()).not.toContain('could not be rendered');
  });
});
