import { expect, test } from '@jest/globals';
import { openApi } from '../support/api.ts';
import { openApp, OWNER } from '../support/app.ts';
import { openBrowser } from '../support/browser.ts';

const NO_PROVIDER = { origin: 'http://127.0.0.1:9', clientId: '', clientSecret: '' };

test('the link of an exchange is copied by a button that is there with scripts only', async () => {
  await using api = await openApi();
  await using app = await openApp();
  await using opened = await openBrowser();
  const owner = await app.owner();
  const slug = await owner.connect({ provider: NO_PROVIDER, apiOrigin: api.origin, authType: 'none' });
  const id = await owner.call(slug, 'GET', '/orders');
  const pageWith = async (javaScriptEnabled: boolean) => {
    const page = await opened.newPage({ javaScriptEnabled });
    await page.goto(`${app.url}/sign-in?next=/exchanges/${id}`);
    await page.getByLabel('E-mail').fill(OWNER.email);
    await page.getByLabel('Password').fill(OWNER.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL(`${app.url}/exchanges/${id}`);
    return page;
  };

  const page = await pageWith(true);
  await page.context().grantPermissions(['clipboard-write']);
  await page.getByRole('button', { name: 'Copy link' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  await page.getByText('Pin this exchange').click();
  await page.getByLabel('Note').press('ControlOrMeta+V');
  const copied = await page.getByLabel('Note').inputValue();
  const plain = await pageWith(false);

  expect(copied).toBe(`${app.url}/exchanges/${id}`);
  expect(await plain.getByRole('button', { name: 'Send again' }).count()).toBe(1);
  expect(await plain.getByText('Copy link').count()).toBe(0);
}, 60_000);
