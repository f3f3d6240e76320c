import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { openBrowser } from '../support/browser.ts';
import { harEntries } from '../support/har.ts';
import type { RunningApp } from '../support/running-app.ts';
import { complaintsOf, consent, createOwner, practiceTokens, runEmptyApp, tryPractice } from './newcomer.ts';

const SHAPES = [
  { viewport: { width: 1440, height: 900 } },
  { viewport: { width: 390, height: 844 }, colorScheme: 'dark' },
] as const;

describe('somebody who wants to know what happened', () => {
  test.each(SHAPES)(
    'finds it by its text, compares, sends it again and takes it along: %j',
    async (shape) => {
      await using app = await runEmptyApp();
      await using opened = await openBrowser();
      const page = await opened.newPage({ ...shape, acceptDownloads: true });
      const complaints = complaintsOf(page.context());
      await createOwner(page, app);
      await tryPractice(page, app);
      await consent(page, app, 'Allow');
      for (const item of ['Vermilion chalk', 'Cobalt paper', 'Vermilion cloth']) await order(page, app, item);

      expect(await search(page, app, 'vermilion')).toEqual(['Vermilion', 'Vermilion']);
      expect(await search(page, app, '"vermilion cloth"')).toEqual(['Vermilion cloth']);
      await page.locator('.exchanges .call a').click();
      await page.waitForURL(/\/exchanges\/[0-9a-f-]{36}$/);
      const found = page.url();

      await page.getByRole('link', { name: 'Compare with the one before of the same method and path' }).click();
      await page.getByRole('heading', { name: 'Earlier' }).waitFor();
      const compared = await page.getByRole('main').textContent();
      expect([compared?.includes('Cobalt paper'), compared?.includes('Vermilion cloth')]).toEqual([true, true]);

      await page.goto(found);
      await page.getByRole('button', { name: 'Send again' }).click();
      await page.waitForURL((url) => /\/exchanges\/[0-9a-f-]{36}$/.test(url.pathname) && url.href !== found);
      expect(await page.getByRole('region', { name: 'Sent' }).textContent()).toContain('Vermilion cloth');

      await search(page, app, 'vermilion cloth');
      expect(await page.locator('.exchanges .call a').count()).toBe(2);
      const har = await downloaded(page, 'HAR');
      const entries = harEntries(har);
      expect(entries.map(({ request }) => [request.method, JSON.parse(request.postData?.text ?? '')])).toEqual(
        [1, 2].map(() => ['POST', { item: 'Vermilion cloth', quantity: 3 }]),
      );
      const { secrets } = await practiceTokens(app);
      expect(secrets.filter((secret) => har.includes(secret))).toEqual([]);
      expect(complaints).toEqual([]);
    },
    90_000,
  );
});

async function order(page: Page, { origin }: RunningApp, item: string): Promise<void> {
  await page.goto(`${origin}/connections/practice`);
  await page.getByLabel('Method').selectOption('POST');
  await page.getByLabel('Body text').fill(JSON.stringify({ item, quantity: 3 }));
  await page.getByRole('button', { name: 'Send' }).click();
  await page.waitForURL(/\?exchange=/);
}

/** The text that is marked in each line. */
async function search(page: Page, { origin }: RunningApp, text: string): Promise<string[]> {
  await page.goto(`${origin}/exchanges`);
  await page.getByLabel('Text in URL, headers and bodies').fill(text);
  await page.getByRole('button', { name: 'Search' }).click();
  await page.waitForURL(/[?&]q=/);
  const widths = await page.evaluate<number[]>('[document.documentElement.scrollWidth, innerWidth]');
  expect(widths[0]).toBe(widths[1]);
  return page.locator('.hit mark').allTextContents();
}

async function downloaded(page: Page, name: string): Promise<string> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name, exact: true }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^callbook-exchanges-.*\.har$/);
  return readFile(await download.path(), 'utf8');
}
