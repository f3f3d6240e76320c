import { describe, expect, test } from '@jest/globals';
import { clientAddress } from '../../../src/web/middleware/client-address.ts';
import { oneHost } from '../../../src/web/middleware/one-host.ts';
import { serve } from './serving.ts';

const serving = (publicUrl?: string) =>
  serve(
    ({ origin }) => [
      clientAddress({ trustedProxies: ['127.0.0.1'] }),
      oneHost({ publicUrl: origin }),
      async function answers(ctx) {
        ctx.body = 'reached';
      },
    ],
    publicUrl,
  );

describe('a request under the host name of PUBLIC_URL', () => {
  test.each(['callbook.example', 'CALLBOOK.example', 'callbook.example:443'])(
    'written %s is let through',
    async (host) => {
      await using server = await serving('https://callbook.example');

      const reply = await server.ask('/connections', { method: 'POST', headers: { host } });

      expect(reply).toMatchObject({ status: 200, text: 'reached' });
    },
  );
});

describe('a request under another host name', () => {
  test.each(['localhost', 'callbook.example:8443', 'callbook.example.evil.example', 'evil.example', 'a b', ''])(
    'such as "%s" is sent to the right one when it asks for a page',
    async (host) => {
      await using server = await serving('https://callbook.example');

      const reply = await server.ask('/connections?a=1&b=//evil.example', { headers: { host } });

      expect(reply.status).toBe(302);
      expect(reply.headers.location).toBe('https://callbook.example/connections?a=1&b=//evil.example');
    },
  );

  test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('is refused when it is a %s', async (method) => {
    await using server = await serving('https://callbook.example');

    const reply = await server.ask('/sign-in', { method, headers: { host: 'evil.example' } });

    expect(reply.status).toBe(400);
    expect(reply.text).not.toContain('reached');
    expect(reply.text).not.toContain('evil.example');
  });

  test.each([
    '/healthz',
    '/api/v1/connections',
    '/API/v1/connections',
    '/proxy/partner/orders',
    '/Proxy/partner/orders',
  ])('reaches %s all the same', async (path) => {
    await using server = await serving('https://callbook.example');

    expect(await server.ask(path, { headers: { host: '10.0.0.7:3000' } })).toMatchObject({
      status: 200,
      text: 'reached',
    });
  });

  test.each(['/proxyish', '/apis', '/sign-in/api/'])(
    'does not reach %s, which only looks like one for programs',
    async (path) => {
      await using server = await serving('https://callbook.example');

      expect((await server.ask(path, { headers: { host: 'evil.example' } })).status).toBe(302);
    },
  );
});

describe('a page asked for by http', () => {
  test('is sent to https where a trusted proxy says so', async () => {
    await using server = await serving('https://callbook.example');
    const headers = { host: 'callbook.example', 'x-forwarded-proto': 'http' };

    const reply = await server.ask('/', { headers });

    expect(reply).toMatchObject({ status: 302, headers: { location: 'https://callbook.example/' } });
    expect((await server.ask('/', { headers: { ...headers, 'x-forwarded-proto': 'https' } })).status).toBe(200);
  });
});

describe('a whole URL where a path belongs', () => {
  test('is refused', async () => {
    await using server = await serving();

    const reply = await server.ask('http://evil.example/sign-in');

    expect(reply.status).toBe(400);
  });
});
