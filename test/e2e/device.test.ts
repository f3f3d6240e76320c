import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { openStage, type Stage } from '../services/grants/stage.ts';
import { WaitingRoom } from '../services/connections/waiting-room.ts';
import { OWNER } from '../support/app.ts';
import { violationsAndWidth } from '../support/axe.ts';
import { openBrowser, type OpenBrowser } from '../support/browser.ts';
import { complaintsOf } from './newcomer.ts';

let stage: Stage;
let room: WaitingRoom;
let opened: OpenBrowser;
beforeAll(async () => {
  stage = await openStage();
  room = new WaitingRoom(stage);
  opened = await openBrowser();
}, 60_000);
afterAll(async () => {
  await opened[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
});

/** From the connection's page to the page with the code; the grant was given back before. */
async function withCode(page: Page): Promise<string> {
  const slug = await room.connected();
  await stage.owner.post(`/connections/${slug}/grant/revocation`, {});
  await page.goto(`${stage.app.url}/sign-in?next=/connections/${slug}`);
  await page.getByLabel('E-mail address').fill(OWNER.email);
  await page.getByLabel('Password').fill(OWNER.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page
    .getByRole('region', { name: 'Grant', exact: true })
    .getByRole('link', { name: 'Consent on another device' })
    .click();
  stage.provider.nextDevice({ amend: { interval: 1 } });
  await page.getByRole('button', { name: 'Get a code' }).click();
  await page.locator('#user-code').waitFor();
  return slug;
}

describe('a person who consents on another device', () => {
  test('sees the code and its QR code, and then the grant, without touching the page', async () => {
    const page = await opened.newPage({ reducedMotion: 'reduce' });
    const complaints = complaintsOf(page.context());
    const slug = await withCode(page);

    expect(await page.locator('#user-code').textContent()).toBe(stage.provider.devices.userCode);
    expect(await page.getByRole('img', { name: 'QR code' }).isVisible()).toBe(true);
    expect(await page.getByRole('button', { name: 'Copy' }).isVisible()).toBe(true);
    expect(await page.locator('.device-page a').getAttribute('href')).toBe(`${stage.provider.origin}/device`);
    expect(await violationsAndWidth(page, 'the page with the code')).toEqual([]);
    stage.provider.devices.answer('granted');
    await page.getByRole('heading', { name: 'The grant is here' }).waitFor();
    await page.getByRole('link', { name: 'To Partner' }).click();
    await page.locator('grant-ring[data-state=fresh]').waitFor();

    expect(await stage.grant(slug)).toMatchObject({ state: 'held', generation: 3, consentedBy: OWNER.email });
    expect(complaints).toEqual([]);
  }, 60_000);

  test('on a telephone and refuses at the provider is told so, and shown the way to another try', async () => {
    const page = await opened.newPage({ viewport: { width: 390, height: 844 }, reducedMotion: 'reduce' });
    await withCode(page);
    expect(await violationsAndWidth(page, 'the page with the code, narrow')).toEqual([]);
    stage.provider.devices.answer('access_denied');
    await page.getByRole('heading', { name: 'Access was not granted' }).waitFor();

    expect(await page.getByRole('main').locator('code').textContent()).toBe('access_denied');
    expect(await violationsAndWidth(page, 'a refusal')).toEqual([]);
    await page.getByRole('button', { name: 'Get a new code' }).click();
    await page.locator('#user-code').waitFor();
  }, 60_000);

  test('without scripts has a page that loads itself again until the grant is here', async () => {
    const page = await opened.newPage({ javaScriptEnabled: false });
    await withCode(page);
    stage.provider.devices.answer('granted');

    await page.getByRole('heading', { name: 'The grant is here' }).waitFor();
  }, 60_000);
});
