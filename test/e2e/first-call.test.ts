import { describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { openApi } from '../support/api.ts';
import { openBrowser } from '../support/browser.ts';
import { openProvider, type Provider } from '../support/provider.ts';
import { OWNER, type RunningApp, runApp } from '../support/running-app.ts';

describe('a person with a browser', () => {
  test('signs in, makes a connection, sends a call and finds it on record, and no secret anywhere', async () => {
    await using provider = await openProvider();
    await using api = await openApi({ provider });
    await using app = await runApp();
    await using opened = await openBrowser();
    const page = await opened.newPage();
    const complaints = complaintsOf(page);

    await signIn(page, app);
    await makeConnection(page, app, api.origin, provider);
    await page.locator('[name=method]').selectOption('POST');
    await page.locator('[name=path]').fill('/orders');
    await page.locator('[name=contentType]').selectOption('json');
    await page.locator('[name=body]').fill('{"item":"ink"}');
    await page.locator('form[action$="/exchanges"] [type=submit]').click();
    await page.waitForURL(/\/exchanges\/[0-9a-f-]{36}|\/connections\/partner/);

    const shown = await page.content();
    expect(shown).toContain('201');
    expect(shown).toContain('9007199254740993');
    expect(api.log.filter(({ method, path }) => method === 'POST' && path === '/orders')).toHaveLength(1);
    expect(provider.asked.total).toBe(1);
    for (const secret of provider.secrets())
      expect([shown.includes(secret), app.printed().includes(secret)]).toEqual([false, false]);
    expect(complaints).toEqual([]);
  }, 90_000);
});

async function signIn(page: Page, { origin }: RunningApp): Promise<void> {
  await page.goto(`${origin}/sign-in`);
  await page.locator('[name=email]').fill(OWNER.email);
  await page.locator('[name=password]').fill(OWNER.password);
  await page.locator('form[action="/sign-in"] [type=submit]').click();
  await page.waitForURL(`${origin}/`);
}

/** The form as it is posted: its widgets change, its fields do not. */
async function makeConnection(page: Page, { origin }: RunningApp, baseUrl: string, provider: Provider): Promise<void> {
  await page.goto(`${origin}/connections/new`);
  const csrf = await page.locator('[name=csrf]').first().inputValue();
  const { tokenUrl, clientId, clientSecret } = provider;
  const grant = { authType: 'oauth2', grantType: 'client_credentials', clientAuthentication: 'client_secret_basic' };
  const form = {
    csrf,
    name: 'Partner',
    slug: 'partner',
    baseUrl,
    tokenUrl,
    clientId,
    clientSecret: clientSecret ?? '',
    ...grant,
  };
  const headers = { origin, 'sec-fetch-site': 'same-origin' };
  const reply = await page.request.post(`${origin}/connections`, { form, headers, maxRedirects: 0 });
  expect(reply.status()).toBe(303);
  await page.goto(`${origin}/connections/partner`);
}

/** What the browser says against a page: errors of scripts, of the content security policy, of missing files. */
function complaintsOf(page: Page): string[] {
  const found: string[] = [];
  page.on('pageerror', (error) => found.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') found.push(message.text());
  });
  return found;
}
