import { expect, test } from '@jest/globals';
import { openApi } from '../support/api.ts';
import { openApp } from '../support/app.ts';
import { harEntry, harOf } from '../support/hars.ts';

const PLAIN = { provider: { origin: 'http://127.0.0.1:9', clientId: '', clientSecret: '' }, authType: 'none' };
const WAY = '<a href="/exchanges">All of the history</a>';

test('the home page without a connection tells of a record where there is one, and leads to it', async () => {
  await using api = await openApi();
  await using app = await openApp();
  const owner = await app.owner();
  const bare = await owner.get('/');
  expect(bare.text).toContain('<h1>Nothing connected yet</h1>');
  expect(bare.text).not.toContain(WAY);

  await owner.upload('/exchanges/imports', harOf(harEntry()));
  const imported = await owner.get('/');
  expect(imported.text).toContain('<h1>Nothing connected yet</h1>');
  expect(imported.text).toContain(WAY);
  expect(imported.text).toContain('1 exchange on record since');
  expect(imported.text).toContain('No call was sent from here yet.');

  const slug = await owner.connect({ ...PLAIN, apiOrigin: api.origin });
  const id = await owner.call(slug, 'GET', '/orders');
  await owner.post(`/connections/${slug}/deletion`, {});
  const left = await owner.get('/');
  expect(left.text).toContain('<h1>Nothing connected yet</h1>');
  expect(left.text).toContain(`href="/exchanges/${id}"`);
});
