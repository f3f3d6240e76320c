import { expect, test, describe } from '@jest/globals';
import { join } from '../support/people.ts';
import { connected, openWorld, pastedGrant } from './api/world.ts';

describe('a grant that is given back by hand', () => {
  test('is disconnected from its page, by owners alone', async () => {
    await using world = await openWorld();
    const slug = await connected(world, pastedGrant(world), { name: 'Held', slug: 'held' });
    await world.browser.call(slug, 'GET', '/orders');
    const href = `/connections/${slug}/grant/revocation`;
    expect((await world.browser.get(`/connections/${slug}`)).text).toContain(`href="${href}"`);
    const editor = await join(world.app, 'editor');
    expect((await editor.get(`/connections/${slug}`)).text).not.toContain(href);
    expect([(await editor.get(href)).status, (await editor.post(href, {})).status]).toEqual([403, 403]);

    expect((await world.browser.get(href)).text).toContain('its provider is not told');
    const reply = await world.browser.post(href, {});

    expect([reply.status, reply.location]).toEqual([303, `/connections/${slug}`]);
    const page = await world.browser.get(`/connections/${slug}`);
    expect(page.text).toContain('data-state="revoked"');
    expect(page.text).not.toContain(`href="${href}"`);
  });
});
