import { describe, expect, test } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import { openBrowser } from '../support/browser.ts';
import type { RunningApp } from '../support/running-app.ts';
import { complaintsOf, consent, createOwner, practiceTokens, runEmptyApp, tryPractice } from './newcomer.ts';

const DESK = { viewport: { width: 1440, height: 900 } };

/** The practice API's tokens live for 60 s and are renewed after 30. */
const ONE_LIFE_MS = 60_000;

describe('a newcomer with an empty Callbook', () => {
  test('connects the practice API, sends a call, finds it on record, and both tabs stay fresh', async () => {
    await using app = await runEmptyApp();
    await using opened = await openBrowser();
    const page = await opened.newPage(DESK);
    const complaints = complaintsOf(page.context());
    const told = answersOf(page);

    await createOwner(page, app);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Nothing connected yet');
    await tryPractice(page, app);
    const other = await secondTab(page);
    expect(await stateOf(other)).toEqual({ state: 'missing', generation: 0, dates: false });
    expect(await page.getByRole('button', { name: /renew|token/i }).count()).toBe(0);

    await consent(page, app, 'Allow');
    await freshAs(other, 1);
    expect(await stateOf(other)).toEqual({ state: 'fresh', generation: 1, dates: true });

    await sendTheFirstCall(page);
    await readItsRecord(page);
    const record = await page.content();
    await page.goBack();

    await mark(page);
    await mark(other);
    const before = await practiceTokens(app);
    const { generation } = await stateOf(page);
    await Promise.all([freshAs(page, generation + 1), freshAs(other, generation + 1)]);
    const renewed = { state: 'fresh', generation: generation + 1, dates: true };
    expect([await stateOf(page), await stateOf(other)]).toEqual([renewed, renewed]);
    expect([await isFull(page), await isFull(other)]).toEqual([true, true]);
    expect([await isMarked(page), await isMarked(other)]).toEqual([true, true]);

    const after = await practiceTokens(app);
    expect({ given: after.given, spent: after.spent }).toEqual({ given: before.given + 1, spent: before.spent + 1 });
    expect(after.spent).toBe(generation);
    expect(await tokenCalls(page, app)).toEqual(Array(generation + 1).fill('200'));
    const shown = [record, await page.content(), await other.content(), ...(await told()), app.printed()].join('\n');
    expect(after.secrets.filter((secret) => shown.includes(secret))).toEqual([]);
    expect(complaints).toEqual([]);
  }, 150_000);

  test('who refuses at the provider is told so, and shown the way to another try', async () => {
    await using app = await runEmptyApp();
    await using opened = await openBrowser();
    const page = await opened.newPage(DESK);

    await createOwner(page, app);
    await tryPractice(page, app);
    await consent(page, app, 'Refuse');

    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('No grant came of it');
    const main = page.getByRole('main');
    expect(await main.textContent()).toContain('The person refused.');
    expect(await main.locator('code').textContent()).toBe('access_denied');
    expect((await practiceTokens(app)).given).toBe(0);
    await page.getByRole('link', { name: 'Try the consent again' }).click();
    await page.getByRole('button', { name: 'Go to the provider' }).click();
    await page.getByRole('button', { name: 'Allow', exact: true }).click();
    await page.waitForURL(`${app.origin}/connections/practice`);
    expect(await stateOf(page)).toEqual({ state: 'fresh', generation: 1, dates: true });
  }, 90_000);

  test('on a telephone sends from the keyboard, has the answer in sight, and compares two calls', async () => {
    await using app = await runEmptyApp();
    await using opened = await openBrowser();
    const page = await opened.newPage({ viewport: { width: 390, height: 844 } });
    const complaints = complaintsOf(page.context());

    await createOwner(page, app);
    await tryPractice(page, app);
    await consent(page, app, 'Allow');
    await page.getByLabel('Body text').press('Control+Enter');
    await page.waitForURL(/\?exchange=/);

    const { y } = await boxOf(page.getByRole('region', { name: 'Answer' }).locator('.result'));
    expect([y > 0, y < 844]).toEqual([true, true]);
    const widths = await page.evaluate<number[]>('[document.documentElement.scrollWidth, innerWidth]');
    expect(widths).toEqual([390, 390]);
    await compareTheNewest(page, app);
    expect(complaints).toEqual([]);
  }, 90_000);
});

/** By the keys of the history alone. */
async function compareTheNewest(page: Page, { origin }: RunningApp): Promise<void> {
  await page.goto(`${origin}/exchanges`);
  for (const key of ['j', 'c', 'j', 'c']) await page.keyboard.press(key);
  await page.getByRole('button', { name: 'Compare the two ticked' }).click();
  await page.waitForURL(/\/comparisons\?exchange=[0-9a-f-]{36}&exchange=[0-9a-f-]{36}$/);
  await page.getByRole('heading', { name: 'Earlier' }).waitFor();
  expect(await page.evaluate<number[]>('[document.documentElement.scrollWidth, innerWidth]')).toEqual([390, 390]);
  const heights = await page.evaluate<number[]>(
    '[...document.querySelectorAll("thead tr")].map((row) => row.clientHeight)',
  );
  // Of one line: no heading is broken.
  expect(Math.max(...heights)).toBeLessThan(40);
}

/** The call that stands ready, as it stands; its answer comes beside it. */
async function sendTheFirstCall(page: Page): Promise<void> {
  expect(await page.getByLabel('Method').inputValue()).toBe('POST');
  expect(await page.getByLabel('Path and query').inputValue()).toBe('/orders');
  expect(JSON.parse(await page.getByLabel('Body text').inputValue())).toEqual({ item: 'Blue ink, 30 ml', quantity: 3 });
  await page.getByRole('button', { name: 'Send' }).click();
  await page.waitForURL(/\?exchange=/);

  const answer = page.getByRole('region', { name: 'Answer' });
  expect(await answer.locator('.result').textContent()).toBe('201');
  expect(await answer.getByLabel('Body of the answer, indented').textContent()).toContain('"total": 9007199254740993');
  const [left, right] = await Promise.all([boxOf(page.getByRole('region', { name: 'Compose a call' })), boxOf(answer)]);
  expect([right.x >= left.x + left.width, right.y === left.y]).toEqual([true, true]);
}

async function readItsRecord(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Open the exchange' }).click();
  await page.waitForURL(/\/exchanges\/[0-9a-f-]{36}$/);
  const sent = page.getByRole('region', { name: 'Sent' });
  const headers = await sent.locator('.headers > div').allTextContents();
  expect(headers.filter((line) => /^authorization/i.test(line))).toEqual(['authorization*redacted*']);
  expect(await sent.getByLabel('Body of the request, indented').textContent()).toContain('Blue ink');
}

async function secondTab(page: Page): Promise<Page> {
  const other = await page.context().newPage();
  await other.goto(page.url());
  return other;
}

/** How the grant stands on a page, as it is shown. */
async function stateOf(page: Page): Promise<{ state: string | null; generation: number; dates: boolean }> {
  const ring = page.locator('grant-ring');
  return {
    state: await ring.getAttribute('data-state'),
    generation: Number(await ring.locator('[data-part=generation]').textContent()),
    dates: await page.getByText('Renewal due').isVisible(),
  };
}

/** Waits until a page shows this generation as fresh, by itself. */
async function freshAs(page: Page, generation: number): Promise<void> {
  await page.locator(`grant-ring[data-state=fresh][generation="${generation}"]`).waitFor({ timeout: ONE_LIFE_MS });
}

async function isFull(page: Page): Promise<boolean> {
  return Number.parseFloat((await page.locator('[data-part=arc]').getAttribute('stroke-dasharray')) ?? '') > 80;
}

/** A mark that the next load of the page would take away. */
async function mark(page: Page): Promise<void> {
  await page.evaluate('globalThis.isMarked = true');
}

async function isMarked(page: Page): Promise<boolean> {
  return page.evaluate<boolean>('globalThis.isMarked === true');
}

/** How the token calls of the history ended, newest first. */
async function tokenCalls(page: Page, { origin }: RunningApp): Promise<string[]> {
  await page.goto(`${origin}/exchanges`);
  return page.getByRole('row').filter({ hasText: 'Token call' }).locator('.result').allTextContents();
}

async function boxOf(part: Locator): Promise<{ x: number; y: number; width: number }> {
  const box = await part.boundingBox();
  if (!box) throw new Error('It is not on the page.');
  return box;
}

/** What `/_token_refresh` has answered to any tab. */
function answersOf(page: Page): () => Promise<string[]> {
  const texts: Promise<string>[] = [];
  page.context().on('response', (response) => {
    if (response.url().includes('/_token_refresh')) texts.push(response.text());
  });
  return async () => {
    const all = await Promise.all(texts);
    expect(all).not.toEqual([]);
    return all;
  };
}
