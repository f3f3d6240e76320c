import { describe, expect, test } from '@jest/globals';
import { factsOf } from '../../../src/web/context.ts';
import { body } from '../../../src/web/middleware/body.ts';
import { csrf } from '../../../src/web/middleware/csrf.ts';
import { serve } from './serving.ts';

const PUBLIC = 'https://callbook.example';
const RIGHT = 'token-of-ada';
const tokens = {
  tokenFor: (signInId: string) => `token-of-${signInId}`,
  matches: (signInId: string, token: string) => token === `token-of-${signInId}`,
};

const serving = (signInId: string | null) =>
  serve(
    () => [
      async function signedIn(ctx, next) {
        if (signInId)
          factsOf(ctx).asker = { by: 'sign-in', userId: 'u', workspaceId: 'w', role: 'owner', name: 'Ada', signInId };
        await next();
      },
      body(),
      csrf({ publicUrl: PUBLIC, tokens }),
      async function answers(ctx) {
        ctx.body = 'done';
      },
    ],
    PUBLIC,
  );

const FORM = 'application/x-www-form-urlencoded';
const said = (site: string | null, origin: string | null) => ({
  ...(site !== null && { 'sec-fetch-site': site }),
  ...(origin !== null && { origin }),
});

describe('an unsafe request of somebody signed in', () => {
  test.each<[string | null, string | null, string | null, number]>([
    ['same-origin', null, null, 200],
    ['same-origin', PUBLIC, RIGHT, 200],
    ['same-origin', 'https://evil.example', null, 200],
    ['same-origin', null, 'token-of-eve', 403],
    ['same-site', PUBLIC, RIGHT, 403],
    ['cross-site', PUBLIC, RIGHT, 403],
    ['none', PUBLIC, RIGHT, 403],
    ['nonsense', PUBLIC, RIGHT, 403],
    [null, PUBLIC, null, 200],
    [null, PUBLIC, 'token-of-eve', 403],
    [null, 'http://callbook.example', RIGHT, 403],
    [null, 'https://callbook.example:8443', RIGHT, 403],
    [null, 'https://callbook.example.evil.example', RIGHT, 403],
    [null, 'null', RIGHT, 403],
    [null, null, RIGHT, 200],
    [null, null, 'token-of-eve', 403],
    [null, null, null, 403],
  ])('from site %s, origin %s, with token %s gets %i', async (site, origin, token, status) => {
    await using server = await serving('ada');
    const headers = said(site, origin);

    const asForm = await server.ask('/connections', {
      method: 'POST',
      headers: { ...headers, 'content-type': FORM },
      body: token === null ? 'name=x' : `name=x&csrf=${token}`,
    });
    const asScript = await server.ask('/connections/x', {
      method: 'DELETE',
      headers: { ...headers, ...(token !== null && { 'x-csrf-token': token }) },
    });

    expect([asForm.status, asScript.status]).toEqual([status, status]);
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE'])('is checked when it is a %s', async (method) => {
    await using server = await serving('ada');

    expect((await server.ask('/', { method, headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(403);
  });
});

describe('a safe request from another site', () => {
  test.each(['GET', 'HEAD', 'OPTIONS'])('is let through when it is a %s', async (method) => {
    await using server = await serving('ada');

    expect((await server.ask('/', { method, headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(200);
  });
});

describe('an unsafe request of nobody, such as a sign-in', () => {
  test.each<[string | null, string | null, number]>([
    ['same-origin', null, 200],
    ['cross-site', null, 403],
    [null, PUBLIC, 200],
    [null, 'https://evil.example', 403],
    [null, null, 200],
  ])('from site %s, origin %s gets %i', async (site, origin, status) => {
    await using server = await serving(null);

    const reply = await server.ask('/sign-in', { method: 'POST', headers: said(site, origin) });

    expect(reply.status).toBe(status);
  });
});

describe('an unsafe request of a program with a key of its own', () => {
  const headers = {
    'sec-fetch-site': 'cross-site',
    origin: 'https://elsewhere.example',
    authorization: 'Bearer cbk_x',
  };

  test('is let through wherever it comes from', async () => {
    await using server = await serving(null);

    expect((await server.ask('/api/v1/connections', { method: 'POST', headers })).status).toBe(200);
  });

  test('is checked as ever when a session comes along', async () => {
    await using server = await serving('ada');

    expect((await server.ask('/api/v1/connections', { method: 'POST', headers })).status).toBe(403);
  });
});
