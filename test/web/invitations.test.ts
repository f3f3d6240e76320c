import { describe, expect, test } from '@jest/globals';
import { openApp, OWNER } from '../support/app.ts';
import type { Reply } from '../support/client.ts';
import { checkpoint, filesOf, found, valuesOf } from '../support/residue.ts';
import { addMember, invite, openWorkspace } from '../support/workspaces.ts';

const KIM = { email: 'kim@example.org', password: 'kim has a long password' };
const tokenOf = (path: string) => path.split('token=')[1] ?? '';
const words = ({ status, text }: Reply) => ({ status, text: text.replaceAll(/nonce-[^']+/g, '') });

async function openInvited(role: 'viewer' | 'editor' | 'owner' = 'editor') {
  const app = await openApp();
  const owner = await app.owner();
  const path = await invite(owner, role);
  const token = tokenOf(path);
  return { ...app, app, owner, path, token, [Symbol.asyncDispose]: () => app[Symbol.asyncDispose]() };
}

describe('an invitation that is made', () => {
  test('shows its link in that one answer and never again', async () => {
    await using house = await openInvited();

    const reply = await house.owner.post('/invitations', { role: 'viewer', note: 'Lee <b>' });

    expect(reply.status).toBe(201);
    expect(reply.headers.get('cache-control')).toBe('no-store');
    expect(reply.text).toContain(`${house.url}/invitation?token=`);
    const list = (await house.owner.get('/people')).text;
    expect(list).toContain('Lee &lt;b&gt;');
    expect(list).not.toContain('token=');
    expect(list).not.toContain(house.token);
  });

  test('is refused without a note, with what was chosen still there', async () => {
    await using house = await openInvited();

    const reply = await house.owner.post('/invitations', { role: 'owner', note: ' ' });

    expect(reply.status).toBe(422);
    expect(reply.text).toContain('Say who it is for');
    expect(reply.text).toMatch(/value="owner" selected>owner<[\s\S]*Open invitations/);
  });
});

describe('the link', () => {
  test('says which workspace and role, and makes a new person a member who is signed in', async () => {
    await using house = await openInvited('viewer');
    const browser = house.client();

    const page = await browser.get(house.path);
    const reply = await browser.post('/invitation', { token: house.token, ...KIM });

    expect(page.text).toContain('Join Workspace');
    expect(page.text).toContain('<strong>viewer</strong>');
    expect([reply.status, reply.location]).toEqual([303, '/']);
    expect((await browser.get('/')).status).toBe(200);
    expect((await browser.get('/connections/new')).status).toBe(403);
    const again = house.client();
    await again.post('/sign-in', KIM);
    expect((await again.get('/')).status).toBe(200);
  });

  test('shows the form again with the address, never the password', async () => {
    await using house = await openInvited();
    const browser = house.client();

    const weak = await browser.post('/invitation', { token: house.token, email: KIM.email, password: 'kim-short' });
    const odd = await browser.post('/invitation', { token: house.token, email: 'kim', password: KIM.password });

    expect([weak.status, odd.status]).toEqual([422, 422]);
    expect(weak.text).toContain(`value="${KIM.email}"`);
    expect(weak.text).toContain('Use at least 12 characters.');
    expect(weak.text + odd.text).not.toMatch(/kim-short|kim has a long/);
    expect(browser.cookies.size).toBe(0);
    expect((await browser.get(house.path)).status).toBe(200);
  });

  test('leads somebody with an account through the sign-in and back', async () => {
    await using house = await openInvited();
    await openWorkspace(house.app, 'Theirs');
    await addMember(house.app, 'eve@example.org', 'owner', 'theirs');
    const browser = house.client();

    const taken = await browser.post('/invitation', { token: house.token, ...KIM, email: 'eve@example.org' });
    expect(taken.status).toBe(409);
    expect(taken.text).toContain('This address has an account.');
    const href = /href="(\/sign-in\?next=[^"]+)"/.exec(taken.text)?.[1] ?? '';
    const form = await browser.get(href);
    const next = /name="next" value="([^"]+)"/.exec(form.text)?.[1] ?? '';
    const back = await browser.post('/sign-in', { email: 'eve@example.org', password: OWNER.password, next });
    expect(back.location).toBe(house.path);
    const page = await browser.get(back.location);
    expect(page.text).toContain('You are signed in as <strong>eve@example.org</strong>');
    const cookieBefore = [...browser.cookies.values()];
    const reply = await browser.post('/invitation', { token: house.token });

    expect([reply.status, reply.location]).toEqual([303, '/']);
    expect([...browser.cookies.values()]).not.toEqual(cookieBefore);
    expect((await browser.get('/people')).status).toBe(403);
    expect((await house.owner.get('/people')).text).toContain('eve@example.org');
  });

  test('tells a member that they are one, and uses nothing up', async () => {
    await using house = await openInvited('viewer');

    const page = await house.owner.get(house.path);
    const reply = await house.owner.post('/invitation', { token: house.token });

    expect(page.text).toContain('in this workspace already, as owner');
    expect(reply.status).toBe(409);
    expect(reply.text).toContain('the invitation is still good for somebody else');
    expect((await house.owner.get('/people')).status).toBe(200);
    expect((await house.client().get(house.path)).status).toBe(200);
  });

  test('is refused from another site', async () => {
    await using house = await openInvited();
    const fields = { token: house.token, ...KIM };

    const reply = await house.client().post('/invitation', fields, { 'sec-fetch-site': 'cross-site' });

    expect(reply.status).toBe(403);
    expect((await house.client().get(house.path)).status).toBe(200);
  });
});

describe('a link that cannot be used', () => {
  test('is the same page for one that was withdrawn and one that never was', async () => {
    await using house = await openInvited();
    const action = /\/invitations\/[0-9a-f-]+\/deletion/.exec((await house.owner.get('/people')).text)?.[0] ?? '';

    expect((await house.owner.post(action, {})).location).toBe('/people');

    const withdrawn = await house.client().get(house.path);
    const unknown = await house.client().get(`/invitation?token=${'x'.repeat(43)}`);
    expect(withdrawn.status).toBe(404);
    expect(words(withdrawn)).toEqual(words(unknown));
    expect(words(await house.client().get('/invitation'))).toEqual(words(unknown));
    const post = (token: string) => house.client().post('/invitation', { token, ...KIM });
    expect(words(await post(house.token))).toEqual(words(await post('x'.repeat(43))));
  });

  test('says that it was used, or has expired, and tells nothing of addresses', async () => {
    await using house = await openInvited();
    await house.client().post('/invitation', { token: house.token, ...KIM });

    const used = await house.client().get(house.path);
    expect(used.status).toBe(410);
    expect(used.text).toContain('This invitation was used');
    const post = (email: string) => house.client().post('/invitation', { token: house.token, ...KIM, email });
    expect(words(await post(OWNER.email))).toEqual(words(await post('nobody@example.org')));

    const late = await invite(house.owner, 'viewer');
    house.clock.advance(7 * 24 * 3_600_000);
    const expired = await house.client().get(late);
    expect(expired.status).toBe(410);
    expect(expired.text).toContain('This invitation has expired');
  });

  test('is refused with 429 after thirty tries from one address', async () => {
    await using house = await openInvited();
    for (let tries = 0; tries < 30; tries += 1) await house.client().get(`/invitation?token=made-up-${tries}`);

    const reply = await house.client().get(house.path);

    expect(reply.status).toBe(429);
    expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

describe('twenty browsers with one link', () => {
  test('bring one person in', async () => {
    await using house = await openInvited('owner');
    const people = Array.from({ length: 20 }, (_, index) => ({ ...KIM, email: `kim${index}@example.org` }));

    const replies = await Promise.all(
      people.map((one) => house.client().post('/invitation', { token: house.token, ...one })),
    );

    const states = replies.map(({ status }) => status);
    expect(states.filter((status) => status === 303)).toHaveLength(1);
    for (const status of states) expect([303, 410, 429]).toContain(status);
    expect((await house.owner.get('/people')).text.match(/class="email">kim/g)).toHaveLength(1);
  });
});

describe('what is kept and written', () => {
  test('holds no token and no password, in the database, its files or the log', async () => {
    await using house = await openInvited();
    const open = await invite(house.owner, 'owner', 'Still open');
    const browser = house.client();
    const signInPath = `/sign-in?next=${encodeURIComponent(house.path)}`;
    for (const path of [house.path, open, signInPath, `${house.path}&more=1`]) await browser.get(path);
    await browser.post('/invitation', { token: house.token, ...KIM, password: 'kim-short' });
    await browser.post('/invitation', { token: house.token, ...KIM });
    await browser.get(house.path);
    await browser.post('/account/password', { currentPassword: KIM.password, newPassword: 'kim has a new password' });
    const canary = 'Still open';

    checkpoint(house.databaseFile);
    const files = await filesOf(house.folder, ['app.key']);
    const places = [...files, ...valuesOf(house.databaseFile), { name: 'the log', bytes: Buffer.from(house.log()) }];

    const secrets = {
      token: [house.token],
      openToken: [tokenOf(open)],
      password: [KIM.password, 'kim-short', 'kim has a new password', OWNER.password],
    };
    expect(house.log()).toContain('/invitation?token=*redacted*');
    expect(found({ canary: [canary] }, places)).not.toEqual([]);
    expect(found(secrets, places)).toEqual([]);
  });
});
