import { describe, expect, test } from '@jest/globals';
import { openApp, OWNER } from '../support/app.ts';
import type { Client } from '../support/client.ts';
import { addMember, openWorkspace, signIn } from '../support/workspaces.ts';

const csrfOf = async (browser: Client) =>
  /name="csrf-token" content="([^"]+)"/.exec((await browser.get('/account')).text)?.[1] ?? '';

describe('the switch of workspaces', () => {
  test('is there for people in several only, on every page, with their own only', async () => {
    await using app = await openApp();
    const owner = await app.owner();
    await addMember(app, 'bob@example.org', 'viewer');
    expect((await owner.get('/')).text).not.toContain('workspace-switch');

    await openWorkspace(app, 'Second');
    await addMember(app, 'eve@example.org', 'owner', 'second');
    await openWorkspace(app, 'Third', 'eve@example.org');

    for (const path of ['/', '/connections', '/exchanges', '/people', '/account', '/connections/new']) {
      const { text } = await owner.get(path);
      expect(text).toContain('<details class="workspace-switch">');
      expect(text).toContain('name="workspace" value="second"');
      expect(text).not.toContain('Third');
    }
    expect((await (await signIn(app, 'bob@example.org')).get('/')).text).not.toContain('workspace-switch');
  });

  test('moves the sign-in: another role, other rows, another cookie, and the old one is dead', async () => {
    await using app = await openApp();
    await addMember(app, 'bob@example.org', 'owner');
    await openWorkspace(app, 'Second', 'bob@example.org');
    await addMember(app, OWNER.email, 'viewer', 'second');
    const owner = await app.owner();
    const stale = new Map(owner.cookies);

    const reply = await owner.post('/workspace', { workspace: 'second' });

    expect([reply.status, reply.location]).toEqual([303, '/']);
    expect([...owner.cookies.keys()]).toEqual([...stale.keys()]);
    expect([...owner.cookies.values()]).not.toEqual([...stale.values()]);
    expect((await owner.get('/people')).status).toBe(403);
    const before = app.client();
    for (const [name, value] of stale) before.cookies.set(name, value);
    expect((await before.get('/')).location).toBe('/sign-in');
    expect((await (await app.owner()).get('/people')).status).toBe(403);
  });

  test('leads nowhere where the person is no member', async () => {
    await using app = await openApp();
    await openWorkspace(app, 'Second');
    await addMember(app, 'bob@example.org', 'owner');
    const bob = await signIn(app, 'bob@example.org');

    for (const workspace of ['second', 'nowhere', '']) {
      expect((await bob.post('/workspace', { workspace })).status).toBe(404);
    }

    expect((await bob.get('/people')).status).toBe(200);
    expect((await app.client().post('/workspace', { workspace: 'second' })).location).toBe('/sign-in');
  });

  test('leaves the forms of the workspace before without effect', async () => {
    await using app = await openApp();
    await openWorkspace(app, 'Second');
    const owner = await app.owner();
    const csrf = await csrfOf(owner);
    await owner.post('/workspace', { workspace: 'second' });

    const reply = await owner.post('/invitations', { csrf, role: 'owner', note: 'Meant for the first' });

    expect(reply.status).toBe(403);
    expect((await owner.get('/people')).text).not.toContain('Meant for the first');
    expect((await owner.post('/invitations', { csrf: await csrfOf(owner), role: 'viewer', note: 'Kim' })).status).toBe(
      201,
    );
  });
});
