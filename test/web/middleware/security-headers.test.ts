import { describe, expect, test } from '@jest/globals';
import { serve } from './serving.ts';

const FIXED = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), clipboard-read=()',
  'cache-control': 'no-store',
};
const POLICY =
  /^default-src 'none'; script-src 'self' 'nonce-[A-Za-z0-9+/]{22}=='; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'$/;

const serving = (publicUrl?: string) =>
  serve(
    () => [
      async function answers(ctx, next) {
        if (ctx.path === '/fails') throw new Error('planted');
        if (ctx.path === '/sent') ctx.redirect('/elsewhere');
        if (ctx.path === '/page') ctx.body = 'page';
        await next();
      },
    ],
    publicUrl,
  );

describe('an answer of any kind', () => {
  test.each([
    ['/page', 200],
    ['/sent', 302],
    ['/nowhere', 404],
    ['/fails', 500],
  ])('to %s with %i carries every defensive header', async (path, status) => {
    await using server = await serving();

    const reply = await server.ask(path);

    expect(reply.status).toBe(status);
    expect(reply.headers).toMatchObject(FIXED);
    expect(reply.headers['content-security-policy']).toMatch(POLICY);
  });

  test('carries nothing that lets other sites in or names what runs here', async () => {
    await using server = await serving();

    const { headers } = await server.ask('/page', { headers: { origin: 'https://elsewhere.example' } });

    expect(Object.keys(headers).filter((name) => /^access-control|powered|^server$|^strict-/.test(name))).toEqual([]);
  });

  test('has a nonce of its own', async () => {
    await using server = await serving();

    const [one, two] = await Promise.all([server.ask('/page'), server.ask('/page')]);

    expect(one.headers['content-security-policy']).not.toBe(two.headers['content-security-policy']);
  });

  test('asks for https for a year where people come by https', async () => {
    await using server = await serving('https://callbook.example');

    const { headers } = await server.ask('/page');

    expect(headers['strict-transport-security']).toBe('max-age=31536000; includeSubDomains');
  });
});
