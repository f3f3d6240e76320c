import { createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ClientMetadata } from 'oidc-provider';
import { everyFormOf, placesOf } from '../support/absence.ts';
import { type TestApp, openApp } from '../support/app.ts';
import { type Certificate, selfSigned } from '../support/certificate.ts';
import { GRANTS, KNOWN } from '../support/certified-grants.ts';
import { CertifiedProvider } from '../support/certified-provider.ts';
import type { Seen } from '../support/certified-resource.ts';
import type { Client } from '../support/client.ts';
import { newKey } from '../support/keys.ts';
import { Program, withKey } from '../support/program.ts';
import { found } from '../support/residue.ts';
import { FarBrowser } from './far-browser.ts';

/** 40 characters, some of which have to be encoded before they may stand in a Basic header. */
const SECRET = 'p&ss: word%of+the=client/0123456789abcde';

interface Shown {
  readonly publicJwks: ClientMetadata['jwks'];
}

let provider: CertifiedProvider;
let app: TestApp;
let owner: Client;
let program: Program;
let far: FarBrowser;

beforeAll(async () => {
  provider = await CertifiedProvider.start();
  app = await openApp();
  owner = await app.owner();
  program = new Program(app.url, withKey(await newKey(owner, 'owner')));
  far = new FarBrowser(provider.authorities);
}, 60_000);

afterAll(async () => {
  await far.close();
  await app[Symbol.asyncDispose]();
  await provider[Symbol.asyncDispose]();
});

/** Makes a connection to the provider's resource by the JSON API; gives what the API shows of it. */
async function connected(clientId: string, auth: object): Promise<Shown> {
  const { origin, authorities } = provider;
  const reply = await program.ask('POST', '/api/v1/connections', {
    json: {
      name: clientId,
      slug: clientId,
      baseUrl: origin,
      certificateAuthorities: authorities,
      auth: { type: 'oauth2', tokenUrl: `${origin}/token`, issuer: origin, clientId, scope: 'orders', ...auth },
    },
  });
  expect([reply.status, reply.text]).toEqual([201, expect.anything()]);
  return reply.json<Shown>();
}

/** What the resource saw of a call; throws where it did not let it in. */
async function seenFrom(slug: string, path = '/resource'): Promise<Seen> {
  const sent = await program.ask('POST', `/api/v1/connections/${slug}/exchanges`, { json: { method: 'GET', path } });
  const { id, status } = sent.json<{ id: string; status: number }>();
  if (status !== 200) throw new Error(`The resource answered ${status}; sending answered ${sent.status}: ${sent.text}`);
  return (await program.ask('GET', `/api/v1/exchanges/${id}/response-body`)).json<Seen>();
}

async function told(slug: string) {
  return (await program.ask('GET', `/api/v1/connections/${slug}/grant`)).json();
}

/** A person consents in a browser, here and at the provider. */
async function consent(slug: string): Promise<void> {
  const begun = await owner.post(`/connections/${slug}/consents`, {});
  const page = await owner.get(begun.location);
  const href = /href="(https:[^"]+)"/.exec(page.text)?.[1]?.replaceAll('&amp;', '&');
  if (!href) throw new Error(`No way to the provider: ${begun.status} ${wordsOf(begun.text)}`);
  const back = await far.followTo(`${app.url}/consent/callback`, href);
  const end = await owner.get(back.slice(app.url.length));
  if (end.location !== `/connections/${slug}`) throw new Error(`No consent: ${end.status} ${wordsOf(end.text)}`);
}

/** Keys that were given, by what they are for: the text between the first and the last line. */
const keys: Record<string, string> = {};

function given(name: string, pem: string): string {
  keys[name] = pem.split('\n').slice(1, -2).join('');
  keys[`a line of ${name}`] = pem.split('\n')[1] ?? '';
  return pem;
}

const redirectUri = () => `${app.url}/consent/callback`;
const byPerson = () => ({
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code' as const],
  redirect_uris: [redirectUri()],
});

describe('a client that proves itself', () => {
  test.each(['client_secret_basic', 'client_secret_post', 'client_secret_jwt'] as const)('by %s', async (method) => {
    const slug = method.replaceAll('_', '-');
    await provider.register({ client_id: slug, client_secret: SECRET, token_endpoint_auth_method: method });
    await connected(slug, { grantType: 'client_credentials', clientSecret: SECRET, clientAuthentication: method });

    expect(await seenFrom(slug)).toMatchObject({ clientId: slug, scheme: 'Bearer', scope: 'orders', bound: null });
  });

  test.each(['issuer', 'token_endpoint'] as const)(
    'by private_key_jwt for the %s, with a key of ours',
    async (audience) => {
      const slug = `key-${audience.replace('_', '-')}`;
      const { publicJwks: jwks } = await connected(slug, {
        grantType: 'client_credentials',
        clientAuthentication: 'private_key_jwt',
        assertionAudience: audience,
      });
      const method = {
        token_endpoint_auth_method: 'private_key_jwt' as const,
        token_endpoint_auth_signing_alg: 'ES256' as const,
      };
      await provider.register({ client_id: slug, jwks, ...method });

      expect(await seenFrom(slug)).toMatchObject({ clientId: slug });
    },
  );

  test.each([
    ['RS256', 'rsa'],
    ['PS256', 'rsa'],
    ['EdDSA', 'ed25519'],
  ] as const)('by private_key_jwt with %s and a key that was pasted', async (algorithm, sort) => {
    const slug = `pasted-${algorithm.toLowerCase()}`;
    const { privateKey, publicKey } =
      sort === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ed25519');
    await provider.register({
      client_id: slug,
      jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'ours' }] },
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: algorithm,
    });
    await connected(slug, {
      grantType: 'client_credentials',
      clientAuthentication: 'private_key_jwt',
      privateKey: given(algorithm, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()),
      signingAlgorithm: algorithm,
      keyId: 'ours',
    });

    expect(await seenFrom(slug)).toMatchObject({ clientId: slug });
  });

  test('by a certificate of an authority, to which its tokens are bound', async () => {
    const shown = provider.issue('partner.example');
    await provider.register({
      client_id: 'certified',
      token_endpoint_auth_method: 'tls_client_auth',
      tls_client_auth_san_dns: 'partner.example',
      tls_client_certificate_bound_access_tokens: true,
    });
    await connected('certified', withCertificate('tls_client_auth', shown));

    expect(await seenFrom('certified')).toMatchObject({ clientId: 'certified', bound: 'certificate' });
  });

  test('by a certificate that it signed itself', async () => {
    const shown = selfSigned('self.example');
    const { raw } = new X509Certificate(shown.cert);
    const key = { ...createPublicKey(shown.cert).export({ format: 'jwk' }), x5c: [raw.toString('base64')] };
    await provider.register({
      client_id: 'self-signed',
      jwks: { keys: [key] },
      token_endpoint_auth_method: 'self_signed_tls_client_auth',
      tls_client_certificate_bound_access_tokens: true,
    });
    await connected('self-signed', withCertificate('self_signed_tls_client_auth', shown));

    expect(await seenFrom('self-signed')).toMatchObject({ clientId: 'self-signed', bound: 'certificate' });
  });

  test('by nothing but PKCE, with a person’s consent', async () => {
    await provider.register({ client_id: 'public', token_endpoint_auth_method: 'none', ...byPerson() });
    await connected('public', { ...consented(), clientAuthentication: 'none' });
    await consent('public');

    expect(await seenFrom('public')).toMatchObject({ clientId: 'public', scheme: 'Bearer' });
  });
});

describe('a grant', () => {
  test('with consent that was pushed, for a resource, is renewed with tokens that rotate', async () => {
    const method = { client_secret: SECRET, require_pushed_authorization_requests: true };
    await provider.register({ client_id: 'pushed', ...method, ...byPerson() });
    await connected('pushed', {
      ...consented(),
      clientSecret: SECRET,
      pushedAuthorizationUrl: `${provider.origin}/request`,
      requiresIss: true,
      resource: ['https://orders.example'],
    });
    await consent('pushed');
    expect(await seenFrom('pushed')).toMatchObject({ clientId: 'pushed', audience: 'https://orders.example' });

    const renewed = await program.ask('POST', '/api/v1/connections/pushed/grant/renewals', { json: {} });

    expect([renewed.status, renewed.text]).toEqual([201, expect.stringContaining('"generation":2')]);
    expect(await seenFrom('pushed')).toMatchObject({ audience: 'https://orders.example' });
  });

  test('bound to a key is had, used and renewed with proofs, though the server wants nonces', async () => {
    await provider.register({
      client_id: 'bound-to-key',
      client_secret: SECRET,
      dpop_bound_access_tokens: true,
      ...byPerson(),
    });
    await connected('bound-to-key', { ...consented(), clientSecret: SECRET, dpop: true });
    await consent('bound-to-key');

    expect(await seenFrom('bound-to-key', '/me')).toEqual({ sub: 'ada' });
    expect(await seenFrom('bound-to-key')).toMatchObject({ scheme: 'DPoP', bound: 'key' });
    expect((await program.ask('POST', '/api/v1/connections/bound-to-key/grant/renewals', { json: {} })).status).toBe(
      201,
    );
    expect(await seenFrom('bound-to-key', '/me')).toEqual({ sub: 'ada' });
  });

  test('is had with a code that a person confirms on another device', async () => {
    await provider.register({
      client_id: 'device',
      client_secret: SECRET,
      grant_types: [GRANTS.device, 'refresh_token'],
    });
    await connected('device', {
      grantType: GRANTS.device,
      clientSecret: SECRET,
      deviceAuthorizationUrl: `${provider.origin}/device/auth`,
      scope: 'openid offline_access orders',
    });
    const begun = await owner.post('/connections/device/devices', {});
    const page = await owner.get(begun.location);
    const [code = ''] = /[A-Z]{4}-[A-Z]{4}/.exec(page.text) ?? [];
    await provider.approve(code);
    app.clock.advance(6_000);
    await app.running.workings.deviceSweep.sweep();
    await app.running.workings.deviceSweep.landed();

    expect(await told('device')).toMatchObject({ state: 'fresh', generation: 1 });
    expect(await seenFrom('device')).toMatchObject({ clientId: 'device' });
  });

  test('is had with an assertion that our key has signed', async () => {
    const { publicJwks: jwks } = await connected('asserting', {
      grantType: GRANTS.jwtBearer,
      clientSecret: SECRET,
      assertionClaims: { sub: 'ada' },
    });
    await provider.register({ client_id: 'asserting', client_secret: SECRET, jwks, grant_types: [GRANTS.jwtBearer] });

    expect(await seenFrom('asserting')).toMatchObject({ clientId: 'asserting', scope: 'orders' });
  });

  test('is had for a token of another server', async () => {
    await provider.register({ client_id: 'trading', client_secret: SECRET, grant_types: [GRANTS.tokenExchange] });
    const { subjectToken } = KNOWN;
    await connected('trading', { grantType: GRANTS.tokenExchange, clientSecret: SECRET, subjectToken });

    expect(await seenFrom('trading')).toMatchObject({ clientId: 'trading', scope: 'orders' });
  });

  test('is had with a person’s password', async () => {
    await provider.register({ client_id: 'trusting', client_secret: SECRET, grant_types: ['password'] });
    const { username, password } = KNOWN;
    await connected('trusting', { grantType: 'password', clientSecret: SECRET, username, password });

    expect(await seenFrom('trusting')).toMatchObject({ clientId: 'trusting', scope: 'orders' });
  });

  test('begins with a refresh token that was pasted, and goes on with those that came after', async () => {
    await provider.register({ client_id: 'pasted', client_secret: SECRET, ...byPerson() });
    const refreshToken = await provider.refreshToken('pasted');
    await connected('pasted', { grantType: 'refresh_token', clientSecret: SECRET, refreshToken });

    expect(await seenFrom('pasted')).toMatchObject({ clientId: 'pasted' });
    const renewed = await program.ask('POST', '/api/v1/connections/pasted/grant/renewals', { json: {} });
    expect([renewed.status, await told('pasted')]).toMatchObject([201, { state: 'fresh', generation: 3 }]);
    expect(await seenFrom('pasted')).toMatchObject({ clientId: 'pasted' });
  });

  test('is asked about at the provider, which knows it and later does not', async () => {
    await provider.register({ client_id: 'asking', client_secret: SECRET });
    const introspectionUrl = `${provider.origin}/token/introspection`;
    await connected('asking', { grantType: 'client_credentials', clientSecret: SECRET, introspectionUrl });
    await seenFrom('asking');

    const introspected = async () =>
      (await owner.get((await owner.post('/connections/asking/grant/introspections', {})).location)).text;
    expect(await introspected()).toContain('The provider says that the access token is good.');
    provider.forgetTokensOf('asking');
    expect(await introspected()).toContain('The provider says that the access token is of no use.');
  });

  test('is given back: the provider lets nobody in with it any more', async () => {
    await provider.register({ client_id: 'leaving', client_secret: SECRET });
    await connected('leaving', {
      grantType: 'client_credentials',
      clientSecret: SECRET,
      revocationUrl: `${provider.origin}/token/revocation`,
    });
    await seenFrom('leaving');

    const revoked = await program.ask('DELETE', '/api/v1/connections/leaving/grant');

    expect(revoked.status).toBe(204);
    expect(await told('leaving')).toMatchObject({ state: 'revoked', reason: null });
  });
});

describe('all of that', () => {
  test('leaves no secret in a row, a file or a line of the log', async () => {
    const issued = provider.issued();
    const secrets = {
      SECRET,
      password: KNOWN.password,
      subjectToken: KNOWN.subjectToken,
      ...keys,
      ...Object.fromEntries(issued.entries()),
    };

    expect(issued.length).toBeGreaterThan(15);
    expect(found(everyFormOf(secrets), await placesOf(app))).toEqual([]);
  });
});

/** What a page says, without its frame. */
function wordsOf(html: string): string {
  const [, main = html] = html.split('<main');
  return main.replaceAll(/<[^>]+>|\s+/g, ' ');
}

function consented() {
  return {
    grantType: 'authorization_code',
    authorizationUrl: `${provider.origin}/auth?prompt=consent`,
    scope: 'openid offline_access orders',
  };
}

function withCertificate(clientAuthentication: string, { cert, key }: Certificate) {
  return {
    grantType: 'client_credentials',
    clientAuthentication,
    certificate: cert,
    certificateKey: given(clientAuthentication, key),
  };
}
