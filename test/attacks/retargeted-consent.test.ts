import { describe, expect, test } from '@jest/globals';
import { openApi } from '../support/api.ts';
import { openApp } from '../support/app.ts';
import type { Client } from '../support/client.ts';
import { join } from '../support/people.ts';
import { openProvider, type Provider } from '../support/provider.ts';

/** A public client's connection: nothing is held that an edit could take along. */
function fields(provider: Provider, baseUrl: string, tokenUrl = provider.tokenUrl): Record<string, string> {
  return {
    name: 'Public',
    slug: 'public',
    baseUrl,
    authType: 'oauth2',
    grantType: 'authorization_code',
    tokenUrl,
    authorizationUrl: provider.authorizationUrl,
    clientId: provider.clientId,
    clientAuthentication: 'none',
  };
}

/** Begins a consent and answers it at the provider; gives the callback, not yet opened. */
async function answered(browser: Client): Promise<URL> {
  const { location } = await browser.post('/connections/public/consents', {});
  const { text } = await browser.get(location);
  const link = /href="(http[^"]*\/authorize\?[^"]*)"/.exec(text)?.[1]?.replaceAll('&amp;', '&') ?? '';
  const back = await fetch(link, { redirect: 'manual' });
  return new URL(back.headers.get('location') ?? '');
}

describe('a token URL that is moved while a consent is under way', () => {
  test('is for owners, and gets neither the code nor its verifier', async () => {
    await using provider = await openProvider({ clientSecret: null });
    await using other = await openProvider({ clientSecret: null });
    await using api = await openApi();
    await using app = await openApp();
    const owner = await app.owner();
    const editor = await join(app, 'editor');
    await owner.post('/connections', fields(provider, api.origin));
    const back = await answered(owner);

    const byEditor = await editor.post('/connections/public', fields(provider, api.origin, other.tokenUrl));
    const byOwner = await owner.post('/connections/public', fields(provider, api.origin, other.tokenUrl));
    const ended = await owner.get(`${back.pathname}${back.search}`);

    expect([byEditor.status, byOwner.status, ended.status]).toEqual([403, 303, 422]);
    expect(ended.text).toContain('This answer belongs to no consent that was started here');
    expect(other.log).toEqual([]);
  });
});
