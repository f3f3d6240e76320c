import { describe, expect, test } from '@jest/globals';
import type { Locator } from 'playwright-core';
import { openApp, OWNER } from '../support/app.ts';
import { violationsAndWidth } from '../support/axe.ts';
import { openBrowser } from '../support/browser.ts';
import { openWorkspace } from '../support/workspaces.ts';

const PHONE = { width: 390, height: 844 };
const NARROW = { width: 1024, height: 768 };

describe.each([
  ['a telephone', PHONE],
  ['a small window', NARROW],
])('the pages about programs in %s', (_, viewport) => {
  test('fit its width, and axe-core finds nothing', async () => {
    await using app = await openApp();
    await using opened = await openBrowser();
    const page = await opened.newPage({ viewport, reducedMotion: 'reduce' });
    const found: string[] = [];
    const look = async (what: string) => void found.push(...(await violationsAndWidth(page, what)));

    await page.goto(`${app.url}/api`);
    await look('the API, to nobody');
    await openWorkspace(app, 'Payments and settlement in the northern region', OWNER.email);
    await page.goto(`${app.url}/sign-in?next=/api`);
    await page.getByLabel('E-mail address').fill(OWNER.email);
    await page.getByLabel('Password').fill(OWNER.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL(`${app.url}/api`);
    await page.goto(`${app.url}/account`);
    await page.getByRole('button', { name: /^Go there: Payments/ }).click();
    await page.waitForURL(`${app.url}/`);
    await page.goto(`${app.url}/api`);
    await look('the API');
    const [workspace, places] = [page.locator('.workspace-switch summary'), page.locator('.places')];
    expect(await overlap(workspace, places)).toBe(false);
    await page.getByRole('link', { name: 'too-many', exact: true }).last().click();
    await page.waitForURL(/problems/);
    await look('a type of problem');
    await page.getByRole('link', { name: 'All problems of the API' }).click();
    await page.getByRole('link', { name: 'Keys', exact: true }).last().click();
    await page.getByLabel('Name').fill('An import that runs at night and has a rather long name');
    await page.getByRole('button', { name: 'Make the key' }).click();
    await page.getByText('cannot be shown again').waitFor();
    await page.locator('summary', { hasText: 'Revoke' }).click();
    await look('a key that was made, and the question before it is revoked');
    const button = await page.getByRole('button', { name: /^Revoke for good/ }).boundingBox();
    const frame = await page.locator('.table-frame').boundingBox();
    await page.getByRole('button', { name: /^Revoke for good/ }).click();
    await page.locator('.key-state', { hasText: 'revoked' }).waitFor();
    await look('a key that was revoked');

    expect(found).toEqual([]);
    expect(button!.x + button!.width).toBeLessThanOrEqual(frame!.x + frame!.width);
  }, 120_000);
});

/** Whether one stands over the other. */
async function overlap(one: Locator, other: Locator): Promise<boolean> {
  const [a, b] = [(await one.boundingBox())!, (await other.boundingBox())!];
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
