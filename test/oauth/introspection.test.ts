import { describe, expect, test } from '@jest/globals';
import { type OAuth2Settings, USUAL_OAUTH2 } from '../../src/kernel/auth.ts';
import { idsBy } from '../../src/kernel/ids.ts';
import { introspectionRequest, readIntrospection } from '../../src/oauth/introspection.ts';
import { TestClock } from '../support/clock.ts';

const clock = new TestClock();
const tools = { clock, newId: idsBy(clock) };
const settings: OAuth2Settings = {
  ...USUAL_OAUTH2,
  type: 'oauth2',
  grantType: 'client_credentials',
  tokenUrl: 'https://id.partner.example/token',
  introspectionUrl: 'https://id.partner.example/introspect?x=1',
  clientId: 'abc',
};
const secrets = { clientSecret: 'never-shown-4711' };
const ask = (changes: Partial<OAuth2Settings> = {}) =>
  introspectionRequest({ ...settings, ...changes }, secrets, 'token-1', 'access_token', tools);

describe('asking about a token', () => {
  test('is a form of the token and its sort, by a client that proves itself (RFC 7662, section 2.1)', async () => {
    const { method, url, headers, body } = await ask();

    expect([method, url]).toEqual(['POST', settings.introspectionUrl]);
    expect(new URLSearchParams(Buffer.from(body ?? []).toString())).toEqual(
      new URLSearchParams({ token_type_hint: 'access_token', token: 'token-1' }),
    );
    expect(new Map(headers).get('authorization')).toMatch(/^Basic /);
  });

  test.each([
    ['no address', { introspectionUrl: null }],
    ['an address without TLS', { introspectionUrl: 'http://id.partner.example/introspect' }],
  ])('is refused with %s', async (_what, changes) => {
    await expect(ask(changes)).rejects.toMatchObject({ code: 'misconfigured' });
  });
});

describe('what a provider says of a token', () => {
  const read = (body: string, status = 200) => readIntrospection(status, Buffer.from(body));

  test('is whether it is active, and members that are shown', () => {
    expect(read('{"active":true,"username":"ada","exp":1}')).toEqual({
      kind: 'told',
      isActive: true,
      members: [
        { name: 'username', text: 'ada', at: null },
        { name: 'exp', text: '1', at: new Date(1_000) },
      ],
    });
  });

  test.each(['{"active":"true"}', '{"active":1}', '{}', '[]', 'active=true', ''])(
    'is nothing where it is %s',
    (body) => {
      expect(read(body)).toMatchObject({ kind: 'failed' });
    },
  );

  test('is whether it is active also where the rest is as deep as a stack', () => {
    expect(read(`{"active":true,"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`)).toEqual({
      kind: 'told',
      isActive: true,
      members: [],
    });
  });
});
