import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openApp, type TestApp } from '../support/app.ts';
import type { Client } from '../support/client.ts';
import { answerUnder, type Fault } from '../support/faults.ts';
import { rowsOf } from '../support/kept-exchanges.ts';
import { type Listening, listen } from '../support/listening.ts';
import { join } from '../support/people.ts';

let app: TestApp;
let owner: Client;
let issuer: Listening;
let said: Record<string, unknown> = {};
let faults: Fault[] = [];
const asked: string[] = [];
beforeAll(async () => {
  issuer = await listen(async (request, response) => {
    asked.push(request.url ?? '');
    await answerUnder(faults.shift(), response, () =>
      request.url === '/realms/a/.well-known/openid-configuration' ? { status: 200, body: said } : { status: 404 },
    );
  });
  app = await openApp();
  owner = await app.owner();
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await issuer[Symbol.asyncDispose]();
});

const valueOf = (html: string, name: string) =>
  new RegExp(`name="${name}"[^>]* value="([^"]*)"`).exec(html)?.[1]?.replaceAll('&#39;', "'");
const chosenIn = (html: string, name: string) =>
  new RegExp(`<select id="${name}"[^]*?<option value="([^"]*)" selected`).exec(html)?.[1];
const errorOf = (html: string) => /class="field-error"[^>]*>([^<]*)/.exec(html)?.[1] ?? '';
const connections = () => rowsOf(app.databaseFile, 'select * from connection');
const ISSUER = () => `${issuer.origin}/realms/a`;
const document = (others: object = {}) => ({
  issuer: ISSUER(),
  token_endpoint: `${issuer.origin}/t`,
  authorization_endpoint: `${issuer.origin}/a`,
  pushed_authorization_request_endpoint: `${issuer.origin}/par`,
  mtls_endpoint_aliases: { token_endpoint: `${issuer.origin}/mtls/t` },
  authorization_response_iss_parameter_supported: true,
  token_endpoint_auth_methods_supported: ['client_secret_post', 'tls_client_auth'],
  scopes_supported: ['orders', '<script>'],
  ...others,
});
const typed = (others: Record<string, string> = {}) => ({
  name: 'Partner of ours',
  baseUrl: 'https://api.partner.example',
  authType: 'oauth2',
  grantType: 'authorization_code',
  clientAuthentication: 'client_secret_basic',
  clientId: 'client-1',
  clientSecret: 'typed-secret-of-client-1',
  tokenUrl: 'https://old.example/token',
  revocationUrl: 'https://old.example/revoke',
  issuer: ISSUER(),
  ...others,
});
const discover = (fields = typed(), path = '/connections/new') => owner.post(`${path}/discoveries`, fields);

describe('an issuer that is asked from the form', () => {
  test('fills in the endpoints, keeps what else was typed, and nothing is saved', async () => {
    said = document();
    const { status, text } = await discover();

    expect(status).toBe(200);
    expect(valueOf(text, 'tokenUrl')).toBe(`${issuer.origin}/t`);
    expect(valueOf(text, 'authorizationUrl')).toBe(`${issuer.origin}/a`);
    expect(valueOf(text, 'pushedAuthorizationUrl')).toBe(`${issuer.origin}/par`);
    expect(valueOf(text, 'revocationUrl')).toBe('https://old.example/revoke');
    expect(valueOf(text, 'name')).toBe('Partner of ours');
    expect(valueOf(text, 'clientId')).toBe('client-1');
    expect(chosenIn(text, 'clientAuthentication')).toBe('client_secret_post');
    expect(text).toMatch(/id="requiresIss"[^>]* checked/);
    expect(text).toContain('in place of <span class="mono">https://old.example/token</span>');
    expect(text).toContain('&lt;script&gt;');
    expect(text).not.toContain('typed-secret-of-client-1');
    expect(connections()).toEqual([]);
    expect(asked.splice(0)).toEqual([
      '/.well-known/oauth-authorization-server/realms/a',
      '/realms/a/.well-known/openid-configuration',
    ]);
  });

  test('gives a client that shows a certificate the addresses for it', async () => {
    said = document();
    const { text } = await discover(typed({ clientAuthentication: 'tls_client_auth' }));
    expect(valueOf(text, 'tokenUrl')).toBe(`${issuer.origin}/mtls/t`);
    expect(chosenIn(text, 'clientAuthentication')).toBe('tls_client_auth');
  });

  test.each<[string, () => void, Record<string, string>, string]>([
    ['no issuer', () => {}, { issuer: ' ' }, 'Write the issuer first'],
    ['plain http', () => {}, { issuer: 'http://id.partner.example' }, 'has to start with https://'],
    ['a query', () => {}, { issuer: 'https://id.partner.example?a=b' }, 'no query'],
    [
      'another issuer',
      () => (said = document({ issuer: 'https://evil.example' })),
      {},
      'another issuer, “https://evil.example”',
    ],
    [
      'a token endpoint over http',
      () => (said = document({ token_endpoint: 'http://a.example/t' })),
      {},
      'cannot be used',
    ],
    [
      'a redirect',
      () => (faults = [{ status: 404 }, { status: 302, headers: { location: '/x' } }]),
      {},
      'never followed',
    ],
    ['too much', () => (faults = [{ status: 404 }, { status: 200, body: 'x'.repeat(300_000) }]), {}, 'too large'],
    ['a page', () => (faults = [{ status: 404 }, { status: 200, body: '<html>' }]), {}, 'no JSON object'],
    ['a cut connection', () => (faults = ['reset']), {}, 'could not be asked'],
    ['an address that is closed to us', () => {}, { issuer: 'https://169.254.169.254' }, 'could not be asked'],
  ])(
    'is refused with %s, in a sentence at its field, and all that was typed stays',
    async (_what, plan, others, words) => {
      said = document();
      faults = [];
      plan();
      const { status, text } = await discover(typed(others));

      expect(status).toBe(422);
      expect(errorOf(text)).toContain(words);
      expect(valueOf(text, 'tokenUrl')).toBe('https://old.example/token');
      expect(text).not.toContain('typed-secret-of-client-1');
      expect(connections()).toEqual([]);
    },
  );

  test('for a connection there is changes nothing of it until it is saved', async () => {
    said = document();
    await owner.post('/connections', {
      ...typed(),
      timeoutMs: '30000',
      width: '8',
      authorizationUrl: 'https://old.example/a',
    });
    const before = connections();
    const { status, text } = await discover(typed(), '/connections/partner-of-ours');

    expect(status).toBe(200);
    expect(valueOf(text, 'tokenUrl')).toBe(`${issuer.origin}/t`);
    expect(text).toContain('forgets the grant and the secrets held');
    expect(connections()).toEqual(before);
    expect((await owner.get('/connections/partner-of-ours/discoveries')).location).toBe(
      '/connections/partner-of-ours/edit',
    );
  });
});

describe('a new connection that starts from a preset', () => {
  test('is offered a dozen of them', async () => {
    const { text } = await owner.get('/connections/new');
    expect(text.match(/href="\/connections\/new\?preset=/g)).toHaveLength(12);
  });

  test('has the form filled in', async () => {
    const { status, text } = await owner.get('/connections/new?preset=google');
    expect(status).toBe(200);
    expect(valueOf(text, 'name')).toBe('Google');
    expect(valueOf(text, 'tokenUrl')).toBe('https://oauth2.googleapis.com/token');
    expect(text).toContain('authorize query access_type=offline');
    expect(text).toContain('developers.google.com');
  });

  test('is asked first for what only the person knows', async () => {
    const first = await owner.get('/connections/new?preset=keycloak');
    expect([first.status, valueOf(first.text, 'host')]).toEqual([200, '']);
    expect(errorOf(first.text)).toBe('');

    const wrong = await owner.get('/connections/new?preset=keycloak&host=evil.example%2F..&realm=a');
    expect(wrong.status).toBe(422);
    expect(errorOf(wrong.text)).toContain('looks like id.partner.example');
    expect(valueOf(wrong.text, 'realm')).toBe('a');

    const filled = await owner.get('/connections/new?preset=keycloak&host=id.partner.example&realm=a');
    expect(valueOf(filled.text, 'issuer')).toBe('https://id.partner.example/realms/a');
  });

  test('that nobody knows is not there, and none is for viewers', async () => {
    expect((await owner.get('/connections/new?preset=none')).status).toBe(404);
    const viewer = await join(app, 'viewer');
    expect((await viewer.get('/connections/new?preset=google')).status).toBe(403);
    expect((await viewer.post('/connections/new/discoveries', typed())).status).toBe(403);
  });
});
