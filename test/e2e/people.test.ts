import { describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { openApp, OWNER } from '../support/app.ts';
import { violationsAndWidth } from '../support/axe.ts';
import { openBrowser } from '../support/browser.ts';
import { addMember, openWorkspace } from '../support/workspaces.ts';

const KIM = { email: 'kim@example.org', password: 'kim has a long password' };
const PHONE = { width: 390, height: 844 };

async function fillIn(page: Page, { email, password }: typeof KIM, button: string): Promise<void> {
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: button }).click();
}

describe('an owner, somebody invited and two workspaces, in browsers without scripts', () => {
  test('get on: invited, joined, promoted, switched, removed', async () => {
    await using app = await openApp();
    await openWorkspace(app, 'Second team');
    await using opened = await openBrowser();
    const owner = await opened.newPage({ javaScriptEnabled: false });
    const kim = await opened.newPage({ javaScriptEnabled: false, viewport: PHONE });
    await owner.goto(`${app.url}/sign-in?next=/people`);
    await fillIn(owner, OWNER, 'Sign in');

    await owner.getByLabel('Who it is for').fill('Kim');
    await owner.getByLabel('Role', { exact: true }).selectOption('viewer');
    await owner.getByRole('button', { name: 'Make a link' }).click();
    await kim.goto((await owner.locator('#invitation-link').textContent()) ?? '');
    await fillIn(kim, KIM, 'Join Workspace');
    await kim.waitForURL(`${app.url}/`);
    await owner.getByRole('link', { name: 'Back to people' }).click();
    await owner.getByLabel(`Role of ${KIM.email}`, { exact: true }).selectOption('owner');
    await owner.getByRole('button', { name: `Save the role of ${KIM.email}` }).click();
    await kim.goto(`${app.url}/people`);
    expect(await kim.getByRole('heading', { name: 'People' }).count()).toBe(1);

    await owner.locator('.workspace-switch summary').click();
    await owner.getByRole('button', { name: 'Second team' }).click();
    await owner.waitForURL(`${app.url}/`);
    expect(await owner.locator('.workspace-switch summary').textContent()).toBe('Workspace: Second team');
    await owner.goto(`${app.url}/account`);
    await owner.getByRole('button', { name: 'Go there: Workspace' }).click();
    await owner.goto(`${app.url}/people`);
    await owner.getByRole('link', { name: `Remove ${KIM.email}` }).click();
    await owner.getByRole('button', { name: 'Remove this person' }).click();
    await owner.waitForURL(`${app.url}/people`);

    await kim.goto(`${app.url}/`);
    expect(new URL(kim.url()).pathname).toBe('/sign-in');
  }, 120_000);
});

describe('the pages of people and invitations on a telephone', () => {
  test('fit its width, and axe-core finds nothing, in light and dark', async () => {
    await using app = await openApp();
    await openWorkspace(app, 'Payments and settlement in the northern region');
    await addMember(app, 'a-person-with-a-rather-long-address@department.example.org', 'viewer');
    await using opened = await openBrowser();
    const page = await opened.newPage({ viewport: PHONE, reducedMotion: 'reduce' });
    const found: string[] = [];
    const look = async (what: string) => void found.push(...(await violationsAndWidth(page, what)));

    await page.goto(`${app.url}/invitation?token=x`);
    await look('a link that is none');
    await page.goto(`${app.url}/sign-in?next=/people`);
    await fillIn(page, OWNER, 'Sign in');
    await look('people');
    await page.locator('.workspace-switch summary').click();
    await look('the switch, open');
    await page.getByRole('button', { name: 'Make a link' }).click();
    await page.getByLabel('Who it is for').fill('Kim');
    await page.getByRole('button', { name: 'Make a link' }).click();
    await page.locator('#invitation-link').waitFor();
    await look('the link');
    const link = (await page.locator('#invitation-link').textContent()) ?? '';
    await page.goto(link);
    await look('the link, to a member');
    for (const path of ['/account', '/people']) {
      await page.goto(app.url + path);
      await look(path);
    }
    await page.getByRole('link', { name: /^Remove / }).click();
    await look('the question before a removal');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.goto(link);
    await fillIn(page, { ...KIM, email: OWNER.email }, 'Join Workspace');
    await look('the link, refused');
    await fillIn(page, KIM, 'Join Workspace');
    await page.waitForURL(`${app.url}/`);
    await page.goto(link);
    await look('the link, to whom it let in');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.goto(link);
    await look('the link, used');

    expect(found).toEqual([]);
  }, 120_000);
});
