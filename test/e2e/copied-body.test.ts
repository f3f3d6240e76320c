import { expect, test } from '@jest/globals';
import { openApi } from '../support/api.ts';
import { openApp } from '../support/app.ts';
import { openBrowser } from '../support/browser.ts';

const NO_PROVIDER = { origin: 'http://127.0.0.1:9', clientId: '', clientSecret: '' };

/** Texts that a page has to show in other characters than they have. */
const TEXTS = [
  '{\r\n"a":"x\u200by"}',
  '\ufefffirst\r\nsecond\nthird\rfourth',
  '\n\nafter two line ends',
  '\r\n<b>&amp;"\u202e\u2028\u0007\u0085\u00ad',
  'a\0b',
  '⟨U+200B⟩',
];

test('a body is copied from its page character for character', async () => {
  await using api = await openApi();
  await using app = await openApp();
  await using opened = await openBrowser();
  const owner = await app.owner();
  const slug = await owner.connect({ provider: NO_PROVIDER, apiOrigin: api.origin, authType: 'none' });
  const page = await opened.newPage();
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.context().addCookies([...owner.cookies].map(([name, value]) => ({ name, value, url: app.url })));

  // A page of ours may not read the clipboard, and a field that it is pasted into has line ends of its own.
  const reader = await page.context().newPage();
  await reader.goto(`${api.origin}/orders`);

  const copied: string[] = [];
  for (const text of TEXTS) {
    const call = { method: 'POST', path: '/orders', headers: [['Content-Type', 'text/plain']], body: text };
    const { id } = (await owner.postJson(`/api/v1/connections/${slug}/exchanges`, call)).json<{ id: string }>();
    await page.goto(`${app.url}/exchanges/${id}`);
    const sent = page.getByRole('region', { name: 'Sent' });
    await sent.getByRole('button', { name: 'Copy' }).click();
    await sent.getByRole('button', { name: 'Copied' }).waitFor();
    await reader.bringToFront();
    copied.push(await reader.evaluate<string>('navigator.clipboard.readText()'));
    await page.bringToFront();
  }

  expect(copied).toEqual(TEXTS);
}, 60_000);
