import { describe, expect, test } from '@jest/globals';
import { join } from '../../support/people.ts';
import type { ProgramReply } from '../../support/program.ts';
import { connected, connection, openWorld, pastedGrant } from './world.ts';

interface Problem {
  readonly errors: readonly { readonly pointer: string; readonly detail: string }[];
  readonly offset?: number;
}
interface Shown {
  readonly name: string;
  readonly slug: string;
  readonly width: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly auth: Readonly<Record<string, unknown>>;
}

const HELD = { set: true };
const pointers = (reply: ProgramReply) => reply.json<Problem>().errors.map(({ pointer }) => pointer);

describe('connections made by programs', () => {
  test('exempt no names from masking where an editor makes them', async () => {
    await using world = await openWorld();
    const json = connection(world, {}, { slug: 'open-eyed', unmaskNames: ['state'] });

    const refused = await world.editor.ask('POST', '/api/v1/connections', { json });
    const after = await world.editor.ask('GET', '/api/v1/connections/open-eyed');
    const made = await world.owner.ask('POST', '/api/v1/connections', { json });

    expect([refused.status, refused.problem, after.status]).toEqual([403, 'not-allowed', 404]);
    expect([made.status, made.json()]).toMatchObject([201, { unmaskNames: ['state'] }]);
  });

  test('come page by page, by name, each once', async () => {
    await using world = await openWorld();
    const names = ['Delta', 'Alpha', 'Charlie', 'Alpha', 'Bravo'];
    for (const name of names) await connected(world, {}, { name });

    const seen: Shown[] = [];
    let next: string | null = '/api/v1/connections?limit=2';
    let pages = 0;
    while (next !== null) {
      const page: { items: Shown[]; next: string | null } = (await world.viewer.ask('GET', next)).json();
      seen.push(...page.items);
      next = page.next;
      pages += 1;
    }

    expect(seen.map(({ name }) => name)).toEqual(names.toSorted());
    expect(new Set(seen.map(({ slug }) => slug)).size).toBe(names.length);
    expect(pages).toBe(3);
  });

  test('are where Location says, and show no secret', async () => {
    await using world = await openWorld();
    const { owner, provider, app } = world;

    const made = await owner.ask('POST', '/api/v1/connections', { json: connection(world, pastedGrant(world)) });
    const there = await owner.ask('GET', made.headers.get('location') ?? '');
    const grant = await owner.ask('POST', `${made.headers.get('location')}/grant/renewals`);

    expect(there.json()).toEqual(made.json());
    expect(there.json<Shown>().auth).toMatchObject({ clientSecret: HELD, refreshToken: HELD, accessToken: null });
    expect(grant.json()).toMatchObject({ state: 'fresh', generation: 2 });
    const told = made.text + there.text + grant.text + app.log();
    expect(provider.secrets().filter((secret) => told.includes(secret))).toEqual([]);
    expect(provider.secrets().length).toBeGreaterThan(3);
  });

  test('change by merge patch: what is left out stays, null goes back to the default, lists are replaced', async () => {
    await using world = await openWorld();
    const { owner, editor } = world;
    const path = `/api/v1/connections/${await connected(world, pastedGrant(world), { width: 3, headers: [['a', '1']] })}`;
    const patch = (json: object, type = 'application/merge-patch+json') =>
      owner.ask('PATCH', path, { json, headers: { 'content-type': type } });

    const listed = await patch({ headers: [['b', '2']] });
    const reset = await patch({ width: null }, 'application/json');
    const scoped = await patch({ auth: { scope: 'orders', clientSecret: HELD } });
    const whole = await owner.ask('GET', path);
    const { createdAt: _made, updatedAt: _changed, ...document } = whole.json();
    const again = await editor.ask('PATCH', path, { json: document });

    expect(listed.json<Shown>()).toMatchObject({ width: 3, headers: [['b', '2']] });
    expect(reset.json<Shown>()).toMatchObject({ width: 8, headers: [['b', '2']] });
    expect(scoped.json<Shown>().auth).toMatchObject({ scope: 'orders', clientSecret: HELD, refreshToken: HELD });
    expect(again.status).toBe(200);
    expect(again.json<Shown>().auth).toEqual(scoped.json<Shown>().auth);
  });

  test('lose a secret by null, and have to name it where they cannot be without', async () => {
    await using world = await openWorld();
    const path = `/api/v1/connections/${await connected(world, pastedGrant(world))}`;
    const patch = (auth: object) => world.owner.ask('PATCH', path, { json: { auth } });

    const without = await patch({ refreshToken: null });
    const open = await patch({ clientSecret: null, clientAuthentication: 'none' });
    const consent = await patch({
      grantType: 'authorization_code',
      authorizationUrl: world.provider.authorizationUrl,
      refreshToken: world.provider.issueGrant().refreshToken,
    });
    const emptied = await patch({ refreshToken: null });
    const grant = await world.viewer.ask('GET', `${path}/grant`);

    expect([without.status, pointers(without)]).toEqual([422, ['/auth/refreshToken']]);
    expect(open.json<Shown>().auth).toMatchObject({ clientSecret: null, refreshToken: HELD });
    expect(consent.json<Shown>().auth).toMatchObject({ refreshToken: HELD });
    expect(emptied.json<Shown>().auth).toMatchObject({ refreshToken: null });
    expect(grant.json()).toMatchObject({ state: 'missing' });
  });

  test('take another type of authorisation as a whole, and no secret goes to another host', async () => {
    await using world = await openWorld();
    const path = `/api/v1/connections/${await connected(world)}`;
    const patch = (json: object) => world.owner.ask('PATCH', path, { json });

    const moved = await patch({ baseUrl: 'https://elsewhere.example' });
    const bearer = await patch({ auth: { type: 'bearer', token: 'a-token-of-this-host' } });

    expect([moved.status, pointers(moved)]).toEqual([422, ['/auth/clientSecret']]);
    expect(bearer.json<Shown>().auth).toEqual({ type: 'bearer', token: HELD });
  });

  test('keep what is for owners from editors, and everything from viewers', async () => {
    await using world = await openWorld();
    const { editor, viewer } = world;
    const path = `/api/v1/connections/${await connected(world)}`;
    const json = { width: 2 };

    const replies = [
      await editor.ask('PATCH', path, { json }),
      await editor.ask('PATCH', path, { json: { baseUrl: 'https://elsewhere.example' } }),
      await editor.ask('PATCH', path, { json: { auth: { clientSecret: 'another secret' } } }),
      await editor.ask('DELETE', path),
      await editor.ask('DELETE', `${path}/grant`),
      await viewer.ask('PATCH', path, { json }),
      await viewer.ask('POST', `${path}/grant/renewals`),
    ];

    expect(replies.map(({ status }) => status)).toEqual([200, 403, 403, 403, 403, 403, 403]);
  });

  test('are not there for another workspace', async () => {
    await using world = await openWorld();
    const path = `/api/v1/connections/${await connected(world)}`;
    const cookies = [...(await join(world.app, 'owner', 'elsewhere')).cookies];
    const cookie = cookies.map(([name, value]) => `${name}=${value}`).join('; ');
    const other = world.stranger({ cookie, 'sec-fetch-site': 'same-origin' });

    const replies = [
      await other.ask('GET', path),
      await other.ask('PATCH', path, { json: { width: 2 } }),
      await other.ask('DELETE', path),
      await other.ask('GET', `${path}/grant`),
      await other.ask('POST', `${path}/grant/renewals`),
      await other.ask('DELETE', `${path}/grant`),
    ];

    expect(replies.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404, 404]);
    expect((await other.ask('GET', '/api/v1/connections')).json()).toEqual({ items: [], next: null });
    expect((await world.owner.ask('GET', path)).status).toBe(200);
  });
});

describe('bad input', () => {
  test('is told field by field, with a pointer each', async () => {
    await using world = await openWorld();
    const { owner } = world;
    const path = `/api/v1/connections/${await connected(world)}`;
    const post = (json: object) => owner.ask('POST', '/api/v1/connections', { json });

    const replies = [
      await post({ ...connection(world), width: '8', 'a/b~c': 1 }),
      await post({ ...connection(world, { secretOfOurs: 1, marginSeconds: -1 }) }),
      await post({ name: 'Nameless', baseUrl: 'not a URL', auth: { type: 'magic' } }),
      await owner.ask('PATCH', path, { json: { unknown: null, auth: { more: 1 }, headers: 'a: b' } }),
      await owner.ask('GET', '/api/v1/connections?limit=0&cursor=nonsense&sort=name'),
      await owner.ask('GET', '/api/v1/connections?limit=5&limit=6'),
      await owner.ask('POST', `${path}/grant/renewals`, { json: { force: true } }),
    ];

    expect(replies.map((reply) => [reply.status, pointers(reply).toSorted()])).toEqual([
      [422, ['/a~1b~0c', '/width']],
      [422, ['/auth/marginSeconds', '/auth/secretOfOurs']],
      [422, ['/auth/type', '/baseUrl']],
      [422, ['/auth/more', '/headers', '/unknown']],
      [422, ['/cursor', '/limit', '/sort']],
      [422, ['/limit']],
      [422, ['']],
    ]);
  });

  test('is malformed JSON with its offset, or a body of another kind', async () => {
    await using world = await openWorld();
    const send = (type: string, body: string) =>
      world.owner.ask('POST', '/api/v1/connections', { body, headers: { 'content-type': type } });

    const malformed = await send('application/json', '{"name": oops}');
    const form = await send('application/x-www-form-urlencoded', 'name=Partner');
    const patch = await send('application/merge-patch+json', '{}');
    const none = await world.owner.ask('POST', '/api/v1/connections');

    expect([malformed.status, malformed.json<Problem>().offset]).toEqual([400, 9]);
    expect([form.status, patch.status, none.status]).toEqual([415, 415, 415]);
  });
});

describe('an address of the API', () => {
  test('takes its own methods and no others', async () => {
    await using world = await openWorld();
    const plain = (method: string, path: string) =>
      fetch(world.app.url + path, { method, headers: { connection: 'close' } });

    const wrong = await plain('PUT', '/api/v1/connections');
    const options = await plain('OPTIONS', '/api/v1/connections/partner');
    const unknown = await plain('GET', '/api/v1/nothing');
    const head = await world.viewer.ask('HEAD', '/api/v1/connections');

    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'HEAD, GET, POST, OPTIONS']);
    expect(wrong.headers.get('callbook-problem')).toBe('method-not-allowed');
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'HEAD, GET, PATCH, DELETE, OPTIONS']);
    expect(options.headers.get('access-control-allow-origin')).toBeNull();
    expect([unknown.status, unknown.headers.get('content-type')]).toEqual([
      404,
      expect.stringContaining('application/problem+json'),
    ]);
    expect([head.status, head.text]).toEqual([200, '']);
  });
});
