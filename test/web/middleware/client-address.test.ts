import { describe, expect, test } from '@jest/globals';
import { addressOf } from '../../../src/web/context.ts';
import { clientAddress } from '../../../src/web/middleware/client-address.ts';
import { serve } from './serving.ts';

const serving = (trustedProxies: readonly string[]) =>
  serve(() => [
    clientAddress({ trustedProxies }),
    async function answers(ctx) {
      ctx.body = addressOf(ctx);
    },
  ]);

describe('a peer nobody trusts', () => {
  test.each<[string, string[]]>([
    ['no proxies', []],
    ['other proxies', ['10.0.0.0/8', '::1']],
  ])('is believed nothing with %s', async (_, trusted) => {
    await using server = await serving(trusted);

    const headers = { 'x-forwarded-for': '203.0.113.9', x_forwarded_for: '203.0.113.8', forwarded: 'for=203.0.113.7' };

    expect(await server.ask('/', { headers })).toMatchObject({ status: 200, text: '127.0.0.1' });
  });
});

describe('a trusted proxy', () => {
  test.each([
    ['203.0.113.9', '203.0.113.9'],
    ['198.51.100.1, 203.0.113.9', '203.0.113.9'],
    ['198.51.100.1, 203.0.113.9, 10.0.0.2', '203.0.113.9'],
    ['10.0.0.3,10.0.0.2', '10.0.0.3'],
    ['2001:db8::7', '2001:db8::7'],
    ['', '127.0.0.1'],
  ])('that forwards for "%s" speaks for %s', async (forwarded, wanted) => {
    await using server = await serving(['127.0.0.0/8', '10.0.0.0/8']);

    expect((await server.ask('/', { headers: { 'x-forwarded-for': forwarded } })).text).toBe(wanted);
  });

  test('is not outdone by an address that the client made up', async () => {
    await using server = await serving(['127.0.0.1/32']);

    const reply = await server.ask('/', { headers: { 'x-forwarded-for': '127.0.0.1, 203.0.113.9' } });

    expect(reply.text).toBe('203.0.113.9');
  });

  test.each<[string, Record<string, string | string[]>]>([
    ['twice', { 'x-forwarded-for': ['203.0.113.9', '198.51.100.1'] }],
    ['with an underscore', { x_forwarded_for: '203.0.113.9' }],
    ['in both spellings', { 'x-forwarded-for': '203.0.113.9', 'x-forwarded_for': '198.51.100.1' }],
    ['with a name in it', { 'x-forwarded-for': 'proxy.example' }],
    ['with the protocol twice', { 'x-forwarded-proto': ['https', 'http'] }],
  ])('is refused when it forwards %s', async (_, headers) => {
    await using server = await serving(['127.0.0.1']);

    expect((await server.ask('/', { headers })).status).toBe(400);
  });
});
