import { describe, expect, test } from '@jest/globals';
import { violations } from '../support/axe.ts';
import { openBrowser } from '../support/browser.ts';
import { consent, createOwner, runEmptyApp, tryPractice } from './newcomer.ts';

const EMPTY_PAGES = [
  '/connections',
  '/connections/new',
  '/exchanges',
  '/exchanges/import',
  '/keys',
  '/people',
  '/account',
  '/nowhere',
];
const FOR_PROGRAMS = ['/api', '/problems/too-many', '/problems/none'];

describe('every page in a real browser, light and dark', () => {
  test('gives axe-core nothing to complain about', async () => {
    await using app = await runEmptyApp();
    await using opened = await openBrowser();
    const page = await opened.newPage({ reducedMotion: 'reduce' });
    const found: string[] = [];
    const look = async (what: string) => void found.push(...(await violations(page, what)));
    const visit = async (path: string) => {
      await page.goto(app.origin + path);
      await look(path);
    };

    await visit('/setup');
    await createOwner(page, app);
    await look('home, empty');
    for (const path of [...EMPTY_PAGES, ...FOR_PROGRAMS]) await visit(path);
    await page.goto(`${app.origin}/keys`);
    await page.getByLabel('Name').fill('Nightly import');
    await page.getByRole('button', { name: 'Make the key' }).click();
    await page.getByText('cannot be shown again').waitFor();
    await page.locator('summary').first().click();
    await look('a key that was made');
    await page.goto(`${app.origin}/connections/new`);
    await page.getByRole('button', { name: 'Create the connection' }).click();
    await look('the form with faults');

    await page.goto(app.origin);
    await tryPractice(page, app);
    await look('a connection without a grant');
    await visit('/connections/practice/consent');
    await page.goBack();
    await consent(page, app, 'Refuse');
    await look('a consent that was refused');
    await page.goto(`${app.origin}/connections/practice/consent`);
    await page.getByRole('button', { name: 'Go to the provider' }).click();
    await page.getByRole('button', { name: 'Allow', exact: true }).waitFor();
    await look('the practice provider’s question');
    await page.getByRole('button', { name: 'Allow', exact: true }).click();
    await page.waitForURL(`${app.origin}/connections/practice`);
    await page.getByRole('button', { name: 'Send' }).click();
    await page.waitForURL(/exchange=/);
    await look('a connection with an answer');
    await page.getByRole('link', { name: 'Open the exchange' }).click();
    await page.waitForURL(/\/exchanges\//);
    await look('an exchange');
    await page.goto(`${app.origin}/connections/practice`);
    await page.getByLabel('Path and query').fill('//elsewhere.example');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByText('A path names no host').waitFor();
    await look('a call that was refused');
    for (const path of ['/', '/connections', '/exchanges']) await visit(path);
    for (const path of ['edit', 'deletion', 'grant/revocation']) await visit(`/connections/practice/${path}`);
    await page.getByRole('button', { name: 'Disconnect' }).click();
    await page.getByText('has no grant any more').waitFor();
    await look('a connection whose grant was revoked');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await visit('/sign-in');

    expect(found).toEqual([]);
  }, 120_000);
});
