import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { headerValue } from '../../../src/kernel/headers.ts';
import { bearerOf } from '../../support/api-routes.ts';
import { join } from '../../support/people.ts';
import { connected, openWorld, pastedGrant, sentCall, type World } from './world.ts';

interface Sent {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly generation: number;
  readonly requestHeaders: readonly (readonly [string, string])[];
  readonly requestBody: { readonly sha256: string } | null;
}

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(async () => world[Symbol.asyncDispose]());

const sent = (slug: string, json: object) => sentCall<Sent>(world, slug, json);
const replay = (id: string) => world.editor.ask('POST', `/api/v1/exchanges/${id}/replays`);

/** Sends again, sees it refused and nothing leave, and gives the places that were named. */
async function placesOf(id: string): Promise<string[]> {
  const received = world.api.log.length;
  const reply = await replay(id);
  expect([reply.status, reply.problem]).toEqual([422, 'invalid-input']);
  expect(world.api.log).toHaveLength(received);
  return reply.json<{ errors: { pointer: string }[] }>().errors.map(({ pointer }) => pointer);
}

const received = () => {
  const { method, target, headers, body } = world.api.log.at(-1)!;
  return { method, target, headers: headers.filter(([name]) => name.toLowerCase() !== 'authorization'), body };
};

function plant(sql: string, ...values: string[]): void {
  const database = new Database(world.app.databaseFile);
  database.prepare(sql).run(...values);
  database.close();
}

describe('a call that is sent again', () => {
  test('is the same, with the token of today', async () => {
    const slug = await connected(world, pastedGrant(world), { headers: [['Accept', 'application/json']] });
    const first = await sent(slug, {
      method: 'PATCH',
      path: '/orders/7?a=%20b',
      headers: [
        ['Content-Type', 'application/json'],
        ['X-Twice', '1'],
        ['X-Twice', '2'],
      ],
      body: '{"big": 9007199254740993}\r\n',
    });
    const before = received();
    const oldToken = bearerOf(world.api.log.at(-1)!);
    await world.editor.ask('POST', `/api/v1/connections/${slug}/grant/renewals`);

    const reply = await replay(first.id);

    expect(reply.status).toBe(201);
    const again = reply.json<Sent>();
    expect(reply.headers.get('location')).toBe(`/api/v1/exchanges/${again.id}`);
    expect(again.id).not.toBe(first.id);
    expect(received()).toEqual(before);
    expect(bearerOf(world.api.log.at(-1)!)).not.toBe(oldToken);
    expect(again).toMatchObject({
      generation: first.generation + 1,
      method: first.method,
      url: first.url,
      requestHeaders: first.requestHeaders,
      requestBody: first.requestBody,
    });
  });

  test.each(['header', 'query', 'cookie'])('carries a key in the %s as it is now', async (place) => {
    const slug = `key-${place}`;
    const auth = { type: 'apiKey', in: place, name: 'my-key', value: 'the-first-key-0001' };
    const json = { name: 'Key', slug, baseUrl: world.api.origin, auth };
    expect((await world.owner.ask('POST', '/api/v1/connections', { json })).status).toBe(201);
    const { id } = await sent(slug, { method: 'GET', path: '/orders?x=1' });
    const changed = { auth: { ...auth, value: 'the-second-key-0002' } };
    expect((await world.owner.ask('PATCH', `/api/v1/connections/${slug}`, { json: changed })).status).toBe(200);

    expect((await replay(id)).status).toBe(201);

    const { target, headers } = world.api.log.at(-1)!;
    const wire = JSON.stringify([target, headers]);
    expect([wire.split('the-second-key-0002').length, wire.includes('the-first-key')]).toEqual([2, false]);
    expect(wire).not.toContain('redacted');
  });

  test('goes through the connection under the slug it has now', async () => {
    const slug = await connected(world, {}, { name: 'Renamed', slug: 'before-name' });
    const { id } = await sent(slug, { method: 'GET', path: '/orders' });
    await world.owner.ask('PATCH', `/api/v1/connections/${slug}`, { json: { slug: 'after-name' } });

    expect((await replay(id)).json()).toMatchObject({ connection: 'after-name' });
  });

  test('is sent again from its page too, by those who may send', async () => {
    const slug = await connected(world);
    const { id } = await sent(slug, { method: 'GET', path: '/orders' });
    expect((await world.browser.get(`/exchanges/${id}`)).text).toContain(`action="/exchanges/${id}/replays"`);

    const reply = await world.browser.post(`/exchanges/${id}/replays`, {});
    expect(reply.status).toBe(303);
    expect(reply.location).toMatch(/^\/exchanges\/[0-9a-f-]{36}$/);
    expect(reply.location).not.toContain(id);

    const viewer = await join(world.app, 'viewer');
    expect((await viewer.get(`/exchanges/${id}`)).text).not.toContain('/replays');
    expect((await viewer.post(`/exchanges/${id}/replays`, {})).status).toBe(403);
  });
});

describe('a record that is not the whole request', () => {
  test('is refused, and every masked place is named', async () => {
    const slug = await connected(world);
    const { id, requestHeaders } = await sent(slug, {
      method: 'POST',
      path: '/orders?token=typed-by-hand',
      headers: [
        ['accept', '*/*'],
        ['x-api-key', 'typed-by-hand-too'],
        ['content-type', 'application/json'],
      ],
      body: '{"password": "and this as well"}',
    });
    const at = requestHeaders.findIndex(([name]) => name === 'x-api-key');

    expect(headerValue(requestHeaders, 'x-api-key')).toBe('*redacted*');
    expect(await placesOf(id)).toEqual(['/url', `/requestHeaders/${at}`, '/requestBody']);
  });

  test('is refused where its body was cut', async () => {
    const slug = await connected(world);
    const { id } = await sent(slug, { method: 'POST', path: '/orders', body: 'half' });
    plant(`update exchange set request_body = json_set(request_body, '$.truncated', json('true')) where id = ?`, id);

    expect(await placesOf(id)).toEqual(['/requestBody']);
  });

  test('is refused where it was no call', async () => {
    const slug = await connected(world, {}, { name: 'Token', slug: 'token-call' });
    await sent(slug, { method: 'GET', path: '/orders' });
    const listed = await world.viewer.ask('GET', `/api/v1/exchanges?connection=${slug}&kind=token`);
    const { items } = listed.json<{ items: Sent[] }>();

    expect(items).toHaveLength(1);
    expect(await placesOf(items[0]!.id)).toEqual(['/kind']);
  });

  test('is refused where the base URL is another by now', async () => {
    const slug = await connected(world, {}, { name: 'Moved', slug: 'moved' });
    const { id } = await sent(slug, { method: 'POST', path: '/orders' });
    const json = { baseUrl: `${world.api.origin}/v2` };
    expect((await world.owner.ask('PATCH', `/api/v1/connections/${slug}`, { json })).status).toBe(200);

    expect(await placesOf(id)).toEqual(['/url']);
  });

  test('is refused where its connection is gone', async () => {
    const slug = await connected(world, {}, { name: 'Deleted', slug: 'deleted' });
    const { id } = await sent(slug, { method: 'GET', path: '/orders' });
    await world.owner.ask('DELETE', `/api/v1/connections/${slug}`);
    await connected(world, {}, { name: 'Deleted', slug: 'deleted' });

    expect(await replay(id)).toMatchObject({ status: 409, problem: 'conflict' });
  });
});
