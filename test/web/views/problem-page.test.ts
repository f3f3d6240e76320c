import { describe, expect, test } from '@jest/globals';
import { openApp } from '../../support/app.ts';

describe('a fault, shown to somebody who is signed in', () => {
  test.each([
    ['/nowhere', 404, 'There is nothing at this address'],
    ['/connections/gone', 404, 'There is no connection'],
    ['/exchanges?status=banana', 422, '4xx'],
  ])('is a page: %s', async (path, status, words) => {
    await using app = await openApp();
    const owner = await app.owner();
    const page = await owner.get(path);
    expect([page.status, page.headers.get('content-type')]).toEqual([status, 'text/html; charset=utf-8']);
    expect(page.text).toContain(words);
    expect(page.text).toContain('Sign out');
    expect(app.log()).not.toContain('could not be rendered');
  });
});
