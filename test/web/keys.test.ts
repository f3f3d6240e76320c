import { describe, expect, test } from '@jest/globals';
import { openApp, OWNER, type TestApp } from '../support/app.ts';
import type { Client } from '../support/client.ts';
import { join } from '../support/people.ts';
import { checkpoint, filesOf, found, valuesOf } from '../support/residue.ts';

const WANTED = { name: 'Nightly import', role: 'editor', expires: '30' };
const KEY = /cbk_[\w-]{43}/g;
const asKey = (key: string) => ({ authorization: `Bearer ${key}`, accept: 'application/json' });

/** Makes a key on the page. */
async function makeKey(owner: Client, fields: Partial<typeof WANTED> = {}) {
  const reply = await owner.post('/keys', { ...WANTED, ...fields });
  return { ...reply, keys: reply.text.match(KEY) ?? [], key: reply.text.match(KEY)?.[0] ?? '' };
}

const revocations = (html: string) =>
  [...html.matchAll(/action="(\/keys\/[^"]+\/revocation)"/g)].map(([, path = '']) => path);
const asks = (app: TestApp, key: string) => app.client().get('/_token_refresh', asKey(key));

describe('a key that an owner makes on the page', () => {
  test('is in that answer, once, and in no other page, header or address', async () => {
    await using app = await openApp();
    const owner = await app.owner();

    const made = await makeKey(owner);
    const later = await owner.get('/keys');

    expect(made).toMatchObject({ status: 201, location: '' });
    expect(made.keys).toHaveLength(1);
    expect(made.text).toContain('cannot be shown again');
    expect(JSON.stringify([...made.headers])).not.toContain(made.key);
    expect(made.headers.get('cache-control')).toBe('no-store');
    expect(later.text).toContain(`cbk_…${made.key.slice(-4)}`);
    expect(later.text.match(KEY)).toBeNull();
  });

  test('opens what its role may, until it is revoked, and stays on the list', async () => {
    await using app = await openApp();
    const owner = await app.owner();
    const { key } = await makeKey(owner, { role: 'viewer' });
    expect((await asks(app, key)).status).toBe(200);
    const [revocation = ''] = revocations((await owner.get('/keys')).text);

    const revoked = await owner.post(revocation, {});

    expect(revoked).toMatchObject({ status: 303, location: '/keys' });
    expect((await asks(app, key)).status).toBe(401);
    const { text } = await owner.get('/keys');
    expect(text).toContain(`cbk_…${key.slice(-4)}`);
    expect(text).toContain('revoked');
    expect(revocations(text)).toEqual([]);
  });

  test.each([
    ['30', 30],
    ['90', 90],
    ['365', 365],
  ])('for %s days opens nothing after them', async (expires, days) => {
    await using app = await openApp();
    const { key } = await makeKey(await app.owner(), { expires });

    app.clock.advance(days * 86_400_000 - 60_000);
    expect((await asks(app, key)).status).toBe(200);
    app.clock.advance(60_000);
    expect((await asks(app, key)).status).toBe(401);
  });

  test('may be for ever', async () => {
    await using app = await openApp();
    const { key } = await makeKey(await app.owner(), { expires: 'never' });

    app.clock.advance(3650 * 86_400_000);

    expect((await asks(app, key)).status).toBe(200);
  });

  test('is in no file and no log line, after it was used rightly and wrongly', async () => {
    await using app = await openApp();
    const { key } = await makeKey(await app.owner());
    await asks(app, key);
    await asks(app, `${key}x`);
    await app.client().get(`/api/v1/things?key=${key}&q=${key}`, asKey(key));
    await app.client().get(`/proxy/${key}/orders`, { 'callbook-key': key });
    await app.client().get(`/nowhere/${key}`, asKey(key));

    checkpoint(app.databaseFile);
    const places = [
      ...(await filesOf(app.folder, ['app.key'])),
      ...valuesOf(app.databaseFile),
      { name: 'the log', bytes: Buffer.from(app.log()) },
    ];

    const raw = Buffer.from(key.slice(4), 'base64url');
    const forms = [key, key.slice(4), raw.toString('hex'), raw.toString('base64')];
    expect(places.map(({ name }) => name)).toEqual(expect.arrayContaining(['callbook.db', 'table api_key', 'the log']));
    expect(found({ 'the key': forms }, places)).toEqual([]);
  });
});

describe('a form that cannot be taken', () => {
  test.each([
    ['name', { name: ' ' }, 'Say what the key is for.'],
    ['role', { role: 'root' }, 'Choose a role.'],
    ['expires', { expires: '7' }, 'Choose when it expires.'],
  ])('for its %s comes back with what was typed, and makes nothing', async (field, change, sentence) => {
    await using app = await openApp();
    const owner = await app.owner();

    const reply = await makeKey(owner, { name: 'Typed before', ...change });

    expect(reply).toMatchObject({ status: 422, keys: [] });
    expect(reply.text).toContain(`id="${field}-error">${sentence}`);
    if (field !== 'name') expect(reply.text).toContain('value="Typed before"');
    expect((await owner.get('/keys')).text).toContain('There is no key yet.');
  });
});

describe('the page of API keys', () => {
  test.each(['viewer', 'editor'] as const)('is not for a %s, and not in sight', async (role) => {
    await using app = await openApp();
    const { key } = await makeKey(await app.owner());
    const [revocation = ''] = revocations((await (await app.owner()).get('/keys')).text);
    const person = await join(app, role);

    expect((await person.get('/keys')).status).toBe(403);
    expect(await makeKey(person)).toMatchObject({ status: 403, keys: [] });
    expect((await person.post(revocation, {})).status).toBe(403);
    expect((await asks(app, key)).status).toBe(200);
    expect((await person.get('/')).text).not.toMatch(/href="\/(keys|people)"/);
  });

  test('is linked for owners', async () => {
    await using app = await openApp();

    expect((await (await app.owner()).get('/')).text).toMatch(/href="\/keys"[^]*href="\/people"/);
  });

  test('shows another workspace’s owner none of ours, and lets them revoke none', async () => {
    await using app = await openApp();
    const { key } = await makeKey(await app.owner());
    const [revocation = ''] = revocations((await (await app.owner()).get('/keys')).text);
    const stranger = await join(app, 'owner', 'elsewhere');

    expect((await stranger.get('/keys')).text).not.toContain('Nightly import');
    expect((await stranger.post(revocation, {})).status).toBe(404);
    expect((await asks(app, key)).status).toBe(200);
  });

  test('is nothing that a key opens, an owner’s neither', async () => {
    await using app = await openApp();
    const { key } = await makeKey(await app.owner(), { role: 'owner' });

    const shown = await app.client().get('/keys', { authorization: `Bearer ${key}` });
    const made = await app.client().post('/keys', WANTED, { authorization: `Bearer ${key}` });

    expect(shown).toMatchObject({ status: 303, location: '/sign-in?next=%2Fkeys' });
    expect(made.text.match(KEY)).toBeNull();
    expect((await (await app.owner()).get('/keys')).text.match(/<tr data-state/g)).toHaveLength(1);
  });

  test('tells when a key was used last, and who made it', async () => {
    await using app = await openApp();
    const owner = await app.owner();
    const { key } = await makeKey(owner);
    expect((await owner.get('/keys')).text).toMatch(/Last used">never/);

    await asks(app, key);
    app.clock.advance(180_000);

    const { text } = await owner.get('/keys');
    expect(text).toMatch(/Last used">3 min ago/);
    expect(text).toContain(`by ${OWNER.email}`);
  });
});
