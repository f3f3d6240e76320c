import { expect, test } from '@jest/globals';
import { openApi } from '../../support/api.ts';
import { openApp } from '../../support/app.ts';
import { rowsOf } from '../../support/kept-exchanges.ts';

/** Each comes into a part of its own. */
const CALLS = 12;

test('what comes in one by one does not stay in as many parts of the index', async () => {
  await using api = await openApi();
  await using app = await openApp();
  const owner = await app.owner();
  const provider = { origin: 'http://127.0.0.1:9', clientId: '', clientSecret: '' };
  const slug = await owner.connect({ provider, authType: 'none', apiOrigin: api.origin });
  const parts = () => rowsOf(app.databaseFile, 'select distinct segid from search_text_idx').length;
  const { indexer } = app.running.workings;

  for (let at = 0; at < CALLS; at += 1) {
    await owner.call(slug, 'GET', `/echo?parcel=${at}`);
    await indexer.catchUp();
  }
  await indexer.tend();
  expect(parts()).toBeLessThan(5);
});
