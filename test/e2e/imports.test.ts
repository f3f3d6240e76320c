import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { openBrowser } from '../support/browser.ts';
import { harEntries } from '../support/har.ts';
import { CHROME_HAR, harEntry, harOf } from '../support/hars.ts';
import { createOwner, runEmptyApp } from './newcomer.ts';

const file = (text: string) => ({ name: 'shop.har', mimeType: 'application/json', buffer: Buffer.from(text) });

describe('a HAR that Chrome saved', () => {
  test('comes in without scripts, is looked at, leaves as a file and comes in once more', async () => {
    await using app = await runEmptyApp();
    await using opened = await openBrowser();
    const page = await opened.newPage({ javaScriptEnabled: false });
    await createOwner(page, app);

    await page.goto(`${app.origin}/exchanges`);
    await page.getByRole('link', { name: 'Import a HAR' }).click();
    await page.getByLabel('File').setInputFiles(file(harOf(harEntry(), 'no entry')));
    await page.getByRole('button', { name: 'Import' }).click();
    expect(await page.locator('#file-error').textContent()).toBe('Entry 2: it must be an object.');

    await page.getByLabel('File').setInputFiles(file(CHROME_HAR));
    await page.getByRole('button', { name: 'Import' }).click();
    expect(await page.getByRole('status').textContent()).toContain('4 exchanges came in.');
    await page.getByRole('link', { name: 'See them in the history' }).click();
    expect(await page.locator('table.exchanges tbody tr').count()).toBe(4);
    const downloading = page.waitForEvent('download');
    await page.getByRole('link', { name: 'HAR', exact: true }).click();
    const saved = await readFile(await (await downloading).path(), 'utf8');
    expect(harEntries(saved)).toHaveLength(4);

    await page.getByRole('link', { name: '/api/cart?session=s%201' }).click();
    expect(await page.locator('#facts').textContent()).toMatch(/Imported by\s*owner@example\.org, 20/);
    await page.goto(`${app.origin}/exchanges/import`);
    await page.getByLabel('File').setInputFiles(file(saved));
    await page.getByRole('button', { name: 'Import' }).click();
    expect(await page.getByRole('status').textContent()).toContain('4 exchanges came in.');
  }, 90_000);

  test('shows that it is coming in, and for how long', async () => {
    await using app = await runEmptyApp();
    await using opened = await openBrowser();
    const page = await opened.newPage();
    await createOwner(page, app);
    await page.goto(`${app.origin}/exchanges/import`);
    // The answer takes for ever.
    await page.evaluate(`addEventListener('submit', (event) => event.preventDefault())`);
    await page.getByLabel('File').setInputFiles(file(CHROME_HAR));
    await page.getByRole('button', { name: 'Import' }).click();
    const button = page.getByRole('button', { name: /^Importing… [12] s$/ });
    await button.waitFor();
    expect(await button.getAttribute('aria-disabled')).toBe('true');
  }, 90_000);
});
