import { describe, expect, test } from '@jest/globals';
import { openBrowser } from '../support/browser.ts';
import { OWNER } from '../support/running-app.ts';
import { consent, createOwner, practiceApi, practiceTokens, runEmptyApp, tryPractice } from './newcomer.ts';

describe('a browser with JavaScript switched off', () => {
  test('can be set up, signed in with, consented with, sent from and renewed with', async () => {
    await using app = await runEmptyApp();
    await using opened = await openBrowser();
    const page = await opened.newPage({ javaScriptEnabled: false });

    await createOwner(page, app);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.goto(app.origin);
    await page.getByLabel('E-mail address').fill(OWNER.email);
    await page.getByLabel('Password').fill(OWNER.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await tryPractice(page, app);
    await consent(page, app, 'Allow');
    const generation = page.locator('grant-ring [data-part=generation]');
    expect(await generation.textContent()).toBe('1');

    await page.getByLabel('Path and query').fill('/orders?limit=2');
    await page.getByLabel('Method').selectOption('GET');
    await page.getByLabel('Body text').fill('');
    await page.getByRole('button', { name: 'Send' }).click();
    const answer = page.getByRole('region', { name: 'Answer' });
    expect(await answer.locator('.result').textContent()).toBe('200');
    expect(await answer.getByLabel('Body of the answer, indented').textContent()).toContain('Ruled notebook');
    expect(await answer.textContent()).toContain('/api/orders?limit=2');

    await page.getByRole('button', { name: 'Renew now' }).click();
    expect(await generation.textContent()).toBe('2');
    expect(await page.getByText('Renewal due').isVisible()).toBe(true);
    expect(await practiceTokens(app)).toMatchObject({ given: 2, spent: 1 });
  }, 90_000);

  test('can make a connection of its own by a form that shows every part', async () => {
    await using app = await runEmptyApp();
    await using opened = await openBrowser();
    const page = await opened.newPage({ javaScriptEnabled: false });

    await createOwner(page, app);
    await page.getByRole('link', { name: 'Connect your own' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Echo');
    await page.getByLabel('Base URL').fill(practiceApi(app));
    await page.getByLabel('How calls are authorised').selectOption('bearer');
    await page.getByLabel('Token', { exact: true }).fill('no-such-token-at-all');
    await page.getByRole('button', { name: 'Create the connection' }).click();
    await page.getByLabel('Path and query').fill('/orders');
    await page.getByRole('button', { name: 'Send' }).click();

    const answer = page.getByRole('region', { name: 'Answer' });
    expect(await answer.locator('.result').textContent()).toBe('401');
    expect(await page.content()).not.toContain('no-such-token-at-all');
  }, 90_000);
});
