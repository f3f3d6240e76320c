import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { type Api, openApi } from './api.ts';
import { expectedBytes } from './api-routes.ts';
import { AWKWARD_BODIES } from './awkward-bodies.ts';
import { openProvider } from './provider.ts';

describe('an API behind a provider', () => {
  test('lets in a live token and no other', async () => {
    await using provider = await openProvider();
    await using api = await openApi({ provider });
    const { accessToken } = provider.issueGrant();

    expect((await get(api, '/orders', accessToken)).status).toBe(200);
    expect((await get(api, '/orders')).status).toBe(401);
    expect((await get(api, '/orders', 'made-up-token')).headers.get('www-authenticate')).toMatch('invalid_token');
    provider.book.revoke(accessToken);
    expect((await get(api, '/orders', accessToken)).status).toBe(401);
    expect(api.tokensSeen()).toEqual([accessToken, 'made-up-token', accessToken]);
  });

  test('says 401 in the words of a script', async () => {
    await using api = await openApi();
    api.refuse({ wwwAuthenticate: null, times: 2 });
    api.refuse({ wwwAuthenticate: 'Bearer error="insufficient_scope"', status: 403 });

    const replies = [
      await get(api, '/orders'),
      await get(api, '/orders'),
      await get(api, '/orders'),
      await get(api, '/orders'),
    ];

    expect(replies.map(({ status }) => status)).toEqual([401, 401, 403, 200]);
    expect(replies[0]?.headers.has('www-authenticate')).toBe(false);
    expect(replies[2]?.headers.get('www-authenticate')).toMatch('insufficient_scope');
  });
});

describe('an order', () => {
  test('is answered with 201 and 144 bytes, and is on the log byte for byte', async () => {
    await using api = await openApi();
    const body = '{"item":"ink"}';

    const reply = await fetch(`${api.origin}/orders?limit=2`, { method: 'POST', body, headers: { 'X-Case': 'Kept' } });

    expect(reply.status).toBe(201);
    expect((await reply.arrayBuffer()).byteLength).toBe(144);
    expect(api.log).toHaveLength(1);
    expect(api.log[0]).toMatchObject({ method: 'POST', target: '/orders?limit=2', path: '/orders', bytes: 14 });
    expect(api.log[0]?.sha256).toBe(createHash('sha256').update(body).digest('hex'));
    expect(api.log[0]?.headers).toContainEqual(['X-Case', 'Kept']);
  });
});

describe('the echo', () => {
  test('gives the token back in every form that was asked for, across chunk borders too', async () => {
    await using api = await openApi();

    const reply = await get(api, '/echo?as=raw,base64,hex,percent-all&chunk=7', 'a-token/with+signs');
    const text = await reply.text();

    expect(text).toContain('a-token/with+signs');
    expect(text).toContain(Buffer.from('a-token/with+signs').toString('base64'));
    expect(text).toContain(Buffer.from('a-token/with+signs').toString('hex'));
    expect(text).toContain('%61%2D%74');
    expect(reply.headers.get('x-echo')).toContain('a-token/with+signs');
    expect(reply.headers.has('content-length')).toBe(false);
  });
});

describe('bodies', () => {
  test.each(Object.entries(AWKWARD_BODIES))('%s arrives as it is', async (name, { decoded }) => {
    await using api = await openApi();

    const bytes = Buffer.from(await (await get(api, `/awkward/${name}`)).arrayBuffer());

    expect(bytes.equals(decoded)).toBe(true);
  });

  test('of any size are the bytes they should be, with a length or without', async () => {
    await using api = await openApi();

    for (const path of ['/bytes?size=200000', '/bytes?size=200000&chunk=1000&length=none']) {
      const bytes = Buffer.from(await (await get(api, path)).arrayBuffer());
      expect(bytes.equals(expectedBytes(200_000))).toBe(true);
    }
  });

  test('whose length is a lie never end well', async () => {
    await using api = await openApi();

    await expect(get(api, '/bytes?size=10&length=20').then((reply) => reply.text())).rejects.toThrow();
  });
});

describe('faults and odd routes', () => {
  test('come as they were asked for', async () => {
    await using api = await openApi();
    api.next('reset', { status: 500, body: 'broken' });

    await expect(get(api, '/orders')).rejects.toThrow();
    expect((await get(api, '/orders')).status).toBe(500);
    expect((await get(api, '/status/204')).status).toBe(204);
    expect((await get(api, '/status/418')).status).toBe(418);
    expect((await get(api, '/redirect?to=/status/200&status=307')).status).toBe(307);
    expect(await (await get(api, '/slow?ms=20')).json()).toEqual({ slept: 20 });
    expect((await (await get(api, '/events?count=2')).text()).match(/^data: /gm)).toHaveLength(2);
    expect((await get(api, '/nowhere')).status).toBe(404);
  });
});

function get(api: Api, path: string, token?: string): Promise<Response> {
  return fetch(api.origin + path, { redirect: 'manual', headers: token ? { authorization: `Bearer ${token}` } : {} });
}
