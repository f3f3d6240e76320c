import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, describe, test } from '@jest/globals';
import { openApi } from './api.ts';
import { openBrowser, screenshot } from './browser.ts';

describe('a browser', () => {
  test('runs a page of a real server, scripts and all, and shows it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'callbook-shot-'));
    await using api = await openApi();
    await using opened = await openBrowser();
    const page = await opened.newPage({ viewport: { width: 400, height: 300 } });

    await page.goto(`${api.origin}/awkward/page-with-script`);
    await screenshot(page, join(folder, 'shots', 'page.png'));

    expect(await page.title()).toBe('ran');
    expect((await readFile(join(folder, 'shots', 'page.png'))).subarray(1, 4).toString()).toBe('PNG');
    await rm(folder, { recursive: true });
  }, 90_000);
});
