import { describe, expect, test } from '@jest/globals';
import { openApp, OWNER } from '../support/app.ts';
import { addMember, invite, memberId, openWorkspace, signIn } from '../support/workspaces.ts';

const BOB = 'bob@example.org';
const EVE = 'eve@example.org';

async function openTeam() {
  const app = await openApp();
  const owner = await app.owner();
  await addMember(app, BOB, 'editor');
  return {
    ...app,
    app,
    owner,
    bob: await memberId(owner, BOB),
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  };
}

describe('the page of people', () => {
  test('shows owners who is there, and nobody else anything', async () => {
    await using team = await openTeam();
    await addMember(team.app, 'vera@example.org', 'viewer');

    const page = await team.owner.get('/people');

    expect(page.status).toBe(200);
    for (const email of [OWNER.email, BOB, 'vera@example.org']) expect(page.text).toContain(email);
    for (const email of [BOB, 'vera@example.org']) {
      const browser = await signIn(team.app, email);
      for (const reply of [
        await browser.get('/people'),
        await browser.get(`/people/${team.bob}/deletion`),
        await browser.post(`/people/${team.bob}`, { role: 'owner' }),
        await browser.post(`/people/${team.bob}/deletion`, {}),
        await browser.post('/invitations', { role: 'owner', note: 'Me' }),
        await browser.post(`/invitations/${team.bob}/deletion`, {}),
      ]) {
        expect(reply.status).toBe(403);
        expect(reply.text).not.toContain(OWNER.email);
      }
    }
    expect((await team.client().get('/people')).location).toBe('/sign-in?next=%2Fpeople');
  });

  test('changes a role, from the next request on', async () => {
    await using team = await openTeam();
    const bob = await signIn(team.app, BOB);
    expect((await bob.get('/connections/new')).status).toBe(200);

    const reply = await team.owner.post(`/people/${team.bob}`, { role: 'viewer' });

    expect([reply.status, reply.location]).toEqual([303, '/people']);
    expect((await bob.get('/connections/new')).status).toBe(403);
    await team.owner.post(`/people/${team.bob}`, { role: 'owner' });
    expect((await bob.get('/people')).status).toBe(200);
  });

  test('removes somebody after a question, and their sign-ins with them', async () => {
    await using team = await openTeam();
    const bob = await signIn(team.app, BOB);

    const question = await team.owner.get(`/people/${team.bob}/deletion`);
    const reply = await team.owner.post(`/people/${team.bob}/deletion`, {});

    expect(question.text).toContain(`Remove ${BOB}?`);
    expect([reply.status, reply.location]).toEqual([303, '/people']);
    expect((await bob.get('/')).location).toBe('/sign-in');
    expect((await team.owner.get('/people')).text).not.toContain(BOB);
  });

  test('keeps the last owner, and says what to do', async () => {
    await using team = await openTeam();
    // While there is one owner only, the page offers nothing to do to them.
    expect(await memberId(team.owner, OWNER.email)).toBe('');
    await team.owner.post(`/people/${team.bob}`, { role: 'owner' });
    const id = await memberId(team.owner, OWNER.email);
    await team.owner.post(`/people/${team.bob}`, { role: 'editor' });

    for (const path of [`/people/${id}`, `/people/${id}/deletion`]) {
      const reply = await team.owner.post(path, { role: 'viewer' });
      expect(reply.status).toBe(409);
      expect(reply.text).toContain('is the last owner here. Nothing was changed; make somebody else an owner first.');
    }
    expect((await team.owner.get('/people')).status).toBe(200);
  });

  test('lets an owner step down or leave where there is another', async () => {
    await using team = await openTeam();
    await team.owner.post(`/people/${team.bob}`, { role: 'owner' });
    const own = await memberId(team.owner, OWNER.email);

    const reply = await team.owner.post(`/people/${own}`, { role: 'viewer' });

    expect(reply.location).toBe('/');
    expect((await team.owner.get('/people')).status).toBe(403);
    const bob = await signIn(team.app, BOB);
    await bob.post(`/people/${own}`, { role: 'owner' });
    expect((await team.owner.post(`/people/${own}/deletion`, {})).location).toBe('/');
    expect((await team.owner.get('/')).location).toBe('/sign-in');
  });

  test('gives the form again where a role is none', async () => {
    await using team = await openTeam();

    const reply = await team.owner.post(`/people/${team.bob}`, { role: 'king' });

    expect(reply.status).toBe(422);
    expect(reply.text).toContain('Choose one of viewer, editor, owner.');
  });

  test('knows nothing of another workspace', async () => {
    await using team = await openTeam();
    await openWorkspace(team.app, 'Theirs');
    await addMember(team.app, EVE, 'owner', 'theirs');
    const eve = await signIn(team.app, EVE);
    await invite(team.owner, 'viewer', 'A note of ours');
    const open = /\/invitations\/([0-9a-f-]+)\/deletion/.exec((await team.owner.get('/people')).text)?.[1];

    const page = await eve.get('/people');
    const replies = [
      await eve.get(`/people/${team.bob}/deletion`),
      await eve.post(`/people/${team.bob}`, { role: 'owner' }),
      await eve.post(`/people/${team.bob}/deletion`, {}),
      await eve.post(`/invitations/${open}/deletion`, {}),
    ];

    expect(open).toMatch(/^[0-9a-f-]{36}$/);
    expect(page.status).toBe(200);
    expect(page.text).not.toContain(BOB);
    expect(page.text).not.toContain('A note of ours');
    for (const reply of replies) {
      expect(reply.status).toBe(404);
      expect(reply.text).not.toContain(BOB);
    }
    const ours = (await team.owner.get('/people')).text;
    expect(ours).toContain(BOB);
    expect(ours).toContain('A note of ours');
  });
});

describe('one’s own account', () => {
  test('ends all other sign-ins at once', async () => {
    await using team = await openTeam();
    const [there, elsewhere] = [await team.app.owner(), await team.app.owner()];
    expect((await team.owner.get('/account')).text).toContain('End all others');

    const reply = await team.owner.post('/account/other-sign-ins/deletion', {});

    expect([reply.status, reply.location]).toEqual([303, '/account']);
    expect((await there.get('/')).location).toBe('/sign-in');
    expect((await elsewhere.get('/')).location).toBe('/sign-in');
    expect((await team.owner.get('/account')).text).not.toContain('End all others');
  });

  test('lists one’s own workspaces and no others', async () => {
    await using team = await openTeam();
    await openWorkspace(team.app, 'Second team');
    await addMember(team.app, EVE, 'viewer', 'second-team');

    expect((await team.owner.get('/account')).text).toContain('Second team');
    const bobs = await (await signIn(team.app, BOB)).get('/account');
    expect(bobs.text).toContain('Your workspaces');
    expect(bobs.text).not.toContain('Second team');
  });
});
