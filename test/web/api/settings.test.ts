import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { authority, EXPIRED } from '../../support/certificate.ts';
import { rowsOf } from '../../support/kept-exchanges.ts';
import type { ProgramReply } from '../../support/program.ts';
import { connected, connection, openWorld, type World } from './world.ts';

interface Problem {
  readonly errors: readonly { readonly pointer: string; readonly detail: string }[];
}
interface Shown {
  readonly auth: Readonly<Record<string, unknown>>;
  readonly certificateAuthorities: string | null;
  readonly publicJwks: { readonly keys: readonly Readonly<Record<string, string>>[] } | null;
}

const HELD = { set: true };
const ca = authority('Partner CA');
const client = ca.issue('client.example');
const other = ca.issue('other.example');
const old = ca.issue('old.example', EXPIRED);
const pem = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString();
const EC = pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
const P384 = pem(generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey);
const RSA = pem(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey);
const SHORT = pem(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey);

const signed = { clientAuthentication: 'private_key_jwt', clientSecret: undefined };
const shown = { clientAuthentication: 'tls_client_auth', clientSecret: undefined };
const jwtBearer = { grantType: 'urn:ietf:params:oauth:grant-type:jwt-bearer' };
const parameter = (phase: string, place: string, name: string, value = 'x') => ({
  parameters: [{ phase, in: place, name, value }],
});
const STANDARD =
  `response_type response_mode client_id redirect_uri scope state nonce code_challenge code_challenge_method
  request request_uri dpop_jkt resource audience grant_type code code_verifier device_code refresh_token client_secret
  client_assertion client_assertion_type assertion subject_token actor_token username password`.split(/\s+/);

const errorsOf = (reply: ProgramReply) => reply.json<Problem>().errors;
const pointers = (reply: ProgramReply) => errorsOf(reply).map(({ pointer }) => pointer);

/** One world for tests that leave nothing in it. */
function sharedWorld(): { world: World } {
  const shared = {} as { world: World };
  beforeAll(async () => {
    shared.world = await openWorld();
  });
  afterAll(async () => {
    await shared.world[Symbol.asyncDispose]();
  });
  return shared;
}

describe('a set-up that cannot be', () => {
  const shared = sharedWorld();

  test.each<[string, object, string, RegExp]>([
    ['a token URL that is not https', { tokenUrl: 'http://id.partner.example/token' }, '/auth/tokenUrl', /https/],
    ['another address that is not', { introspectionUrl: 'http://a.example/i' }, '/auth/introspectionUrl', /https/],
    ['a key that is none', { ...signed, privateKey: 'planted-key' }, '/auth/privateKey', /no private key/],
    [
      'an encrypted key',
      { ...signed, privateKey: '-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----' },
      '/auth/privateKey',
      /passphrase/,
    ],
    [
      'RSA for ES256',
      { ...signed, privateKey: RSA, signingAlgorithm: 'ES256' },
      '/auth/privateKey',
      /curve P-256; this is an RSA key of 2,048/,
    ],
    [
      'EC for RS256',
      { ...signed, privateKey: EC, signingAlgorithm: 'RS256' },
      '/auth/privateKey',
      /RSA key of 2,048 bits or more; this is an EC/,
    ],
    [
      'EC for EdDSA',
      { ...signed, privateKey: EC, signingAlgorithm: 'EdDSA' },
      '/auth/privateKey',
      /Ed25519 key; this is an EC/,
    ],
    [
      'a curve that nothing signs with',
      { ...signed, privateKey: P384 },
      '/auth/privateKey',
      /cannot sign with an EC key on the curve secp384r1/,
    ],
    [
      'a short RSA key',
      { ...signed, privateKey: SHORT },
      '/auth/privateKey',
      /cannot sign with an RSA key of 1,024 bits/,
    ],
    ['no certificate', { ...shown, certificateKey: client.key }, '/auth/certificate', /Paste the certificate/],
    [
      'no key of the certificate',
      { ...shown, certificate: client.cert },
      '/auth/certificateKey',
      /Paste the private key/,
    ],
    [
      'a certificate that is none',
      { ...shown, certificate: 'planted', certificateKey: client.key },
      '/auth/certificate',
      /no certificate/,
    ],
    [
      'a key among certificates',
      { ...shown, certificate: client.cert + client.key, certificateKey: client.key },
      '/auth/certificate',
      /field of its own/,
    ],
    [
      'an ended certificate',
      { ...shown, certificate: old.cert, certificateKey: old.key },
      '/auth/certificate',
      /ended on 2021-01-01/,
    ],
    [
      'the key of another',
      { ...shown, certificate: client.cert, certificateKey: other.key },
      '/auth/certificateKey',
      /does not belong/,
    ],
    [
      'no secret to sign with',
      { clientAuthentication: 'client_secret_jwt', clientSecret: undefined },
      '/auth/clientSecret',
      /Write the client secret/,
    ],
    [
      'no device authorisation URL',
      { grantType: 'urn:ietf:params:oauth:grant-type:device_code' },
      '/auth/deviceAuthorizationUrl',
      /begins at a device authorisation URL/,
    ],
    [
      'nothing to exchange',
      { grantType: 'urn:ietf:params:oauth:grant-type:token-exchange' },
      '/auth/subjectToken',
      /that is exchanged/,
    ],
    ['nobody’s password', { grantType: 'password', password: 'planted-password' }, '/auth/username', /whose password/],
    ['no password', { grantType: 'password', username: 'svc' }, '/auth/password', /Write the password/],
    ['an issuer to be checked that is not there', { requiresIss: true }, '/auth/issuer', /held against an issuer/],
    [
      'a pushed request that nobody opens',
      { pushedAuthorizationUrl: 'https://id.partner.example/par' },
      '/auth/authorizationUrl',
      /pushed/,
    ],
    [
      'a secret in the query where there is none',
      { ...signed, quirks: { secretInQuery: true } },
      '/auth/quirks/secretInQuery',
      /only where a secret/,
    ],
    [
      'a path that leads nowhere',
      { quirks: { tokenPath: 'data..token' } },
      '/auth/quirks/tokenPath',
      /names of members/,
    ],
    [
      'a resource that is relative',
      { resource: ['https://a.example/', '/orders'] },
      '/auth/resource/1',
      /absolute URI/,
    ],
    ['a resource with a fragment', { resource: ['https://a.example/#x'] }, '/auth/resource/0', /fragment/],
    [
      'a claim that is no value',
      { ...jwtBearer, assertionClaims: { a: { b: 1 } } },
      '/auth/assertionClaims/a',
      /A claim is a text/,
    ],
    [
      'an expiry that stands still',
      { ...jwtBearer, assertionClaims: { exp: 1 } },
      '/auth/assertionClaims/exp',
      /anew for each/,
    ],
    [
      'a subject that is a number',
      { ...jwtBearer, assertionClaims: { sub: 1 } },
      '/auth/assertionClaims/sub',
      /is a text/,
    ],
    [
      'an audience that is a number',
      { ...jwtBearer, assertionClaims: { aud: 1 } },
      '/auth/assertionClaims/aud',
      /list of texts/,
    ],
    [
      'a secret among claims',
      { ...jwtBearer, assertionClaims: { api_key: 'planted-secret' } },
      '/auth/assertionClaims',
      /carries a secret/,
    ],
    [
      'a body on the way to consent',
      parameter('authorize', 'body', 'prompt'),
      '/auth/parameters/0',
      /stand in the query/,
    ],
    [
      'a header on the way to consent',
      parameter('authorize', 'header', 'x-tenant'),
      '/auth/parameters/0',
      /stand in the query/,
    ],
    [
      'a header of ours',
      parameter('token', 'header', 'Authorization', 'planted'),
      '/auth/parameters/0',
      /sets authorization itself/,
    ],
    ['a header of the connection', parameter('token', 'header', 'Host'), '/auth/parameters/0', /sets host itself/],
    [
      'the kind of body',
      parameter('token', 'header', 'Content-Type'),
      '/auth/parameters/0',
      /sets content-type itself/,
    ],
    ['a proof', parameter('refresh', 'header', 'DPoP'), '/auth/parameters/0', /sets dpop itself/],
    [
      'a secret in a header',
      parameter('token', 'header', 'X-Api-Key', 'planted-secret'),
      '/auth/parameters/0',
      /carries a secret/,
    ],
    [
      'a secret by its name',
      parameter('token', 'body', 'api_key', 'planted-secret'),
      '/auth/parameters/0',
      /carries a secret/,
    ],
    [
      'a secret that is held',
      { ...parameter('token', 'query', 'tenant', 'planted-secret'), clientSecret: 'planted-secret' },
      '/auth/parameters/0',
      /carries a secret/,
    ],
    ['a name with a space', parameter('token', 'body', 'a b'), '/auth/parameters/0/name', /plain characters/],
    ['a value with a line break', parameter('token', 'body', 'a', 'b\nc'), '/auth/parameters/0/value', /line breaks/],
    ['another phase', parameter('revoke', 'body', 'a'), '/auth/parameters/0/phase', /authorize, token or refresh/],
  ])('%s: 422, one sentence at its field, nothing kept, nothing told again', async (_what, auth, pointer, words) => {
    const { world } = shared;
    const reply = await world.editor.ask('POST', '/api/v1/connections', { json: connection(world, auth) });

    expect([reply.status, pointers(reply)]).toEqual([422, [pointer]]);
    expect(errorsOf(reply)[0]?.detail).toMatch(words);
    expect(errorsOf(reply)[0]?.detail).toMatch(/^(?:[A-Z"])[^]{8,200}[.]$/);
    expect(reply.text).not.toMatch(/planted-|PRIVATE KEY-----/);
    expect(rowsOf(world.app.databaseFile, 'select id from connection')).toEqual([]);
  });

  test.each(STANDARD)('%s as a parameter: it would take the place of the standard’s', async (name) => {
    const { world } = shared;
    const json = connection(world, parameter('token', 'body', name.toUpperCase()));
    const reply = await world.editor.ask('POST', '/api/v1/connections', { json });

    expect([reply.status, pointers(reply)]).toEqual([422, ['/auth/parameters/0']]);
    expect(errorsOf(reply)[0]?.detail).toMatch(/is a parameter of the standard and (?:has a field|is set)/);
  });

  test.each<[string, string, RegExp]>([
    ['none', 'no certificates', /no certificates/],
    ['a private key among them', ca.cert + ca.key, /private key stands among/],
  ])('certificate authorities with %s', async (_what, certificateAuthorities, words) => {
    const { world } = shared;
    const json = connection(world, {}, { certificateAuthorities });
    const reply = await world.editor.ask('POST', '/api/v1/connections', { json });

    expect([reply.status, pointers(reply)]).toEqual([422, ['/certificateAuthorities']]);
    expect(errorsOf(reply)[0]?.detail).toMatch(words);
  });
});

describe('a key that signs', () => {
  test.each([
    [undefined, { kty: 'EC', crv: 'P-256', alg: 'ES256' }],
    ['EdDSA', { kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA' }],
    ['RS256', { kty: 'RSA', alg: 'RS256' }],
    ['PS256', { kty: 'RSA', alg: 'PS256' }],
  ])('is made where none is given, for %s, and its public half shown', async (signingAlgorithm, expected) => {
    await using world = await openWorld();
    const path = `/api/v1/connections/${await connected(world, { ...signed, signingAlgorithm })}`;
    const { auth, publicJwks } = (await world.viewer.ask('GET', path)).json<Shown>();

    expect(auth).toMatchObject({ privateKey: HELD });
    const [jwk, ...more] = publicJwks?.keys ?? [];
    expect(more).toEqual([]);
    expect(jwk).toMatchObject({ ...expected, use: 'sig', kid: expect.stringMatching(/^[\w-]{43}$/) });
    expect(Object.keys(jwk ?? {}).filter((name) => ['d', 'p', 'q', 'dp', 'dq', 'qi'].includes(name))).toEqual([]);
    expect(createPublicKey({ key: { ...jwk }, format: 'jwk' }).type).toBe('public');
  });

  test('is the one that was pasted, under the id that its JWK or the settings say', async () => {
    await using world = await openWorld();
    const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const written = { ...pair.privateKey.export({ format: 'jwk' }), kid: 'registered', alg: 'RS256' };
    const make = async (auth: object) => {
      const path = `/api/v1/connections/${await connected(world, { ...jwtBearer, ...auth })}`;
      return (await world.viewer.ask('GET', path)).json<Shown>();
    };

    const byJwk = await make({ privateKey: JSON.stringify(written) });
    const bySettings = await make({ privateKey: JSON.stringify(written), keyId: 'mine', signingAlgorithm: 'PS256' });

    const { n } = pair.publicKey.export({ format: 'jwk' });
    expect(byJwk.publicJwks?.keys).toMatchObject([{ n, kid: 'registered', alg: 'RS256' }]);
    expect(byJwk.auth).toMatchObject({ keyId: 'registered', signingAlgorithm: 'RS256' });
    expect(bySettings.publicJwks?.keys).toMatchObject([{ n, kid: 'mine', alg: 'PS256' }]);
  });

  test('stays through edits, and is made anew when it is taken away', async () => {
    await using world = await openWorld();
    const path = `/api/v1/connections/${await connected(world, signed)}`;
    const patch = async (json: object) => world.owner.ask('PATCH', path, { json });
    const keyOf = (reply: ProgramReply) => reply.json<Shown>().publicJwks?.keys[0]?.['kid'];

    const first = keyOf(await patch({ width: 2 }));
    const scoped = keyOf(await patch({ auth: { scope: 'orders', privateKey: HELD } }));
    const unfit = await patch({ auth: { signingAlgorithm: 'PS256' } });
    const remade = await patch({ auth: { signingAlgorithm: 'PS256', privateKey: null } });
    const gone = await patch({
      auth: { clientAuthentication: 'client_secret_basic', clientSecret: 'a secret', privateKey: null },
    });

    expect([typeof first, scoped]).toEqual(['string', first]);
    expect([unfit.status, pointers(unfit)]).toEqual([422, ['/auth/signingAlgorithm']]);
    expect(errorsOf(unfit)[0]?.detail).toContain('the key that is held is an EC key on the curve P-256');
    expect(remade.json<Shown>().publicJwks?.keys).toMatchObject([{ kty: 'RSA', alg: 'PS256' }]);
    expect([gone.status, gone.json<Shown>().publicJwks]).toEqual([200, null]);
  });

  test('goes to no other address: another is made only where somebody says so', async () => {
    await using world = await openWorld();
    const path = `/api/v1/connections/${await connected(world, signed)}`;
    const was = (await world.owner.ask('GET', path)).json<Shown>().publicJwks;
    const moved = { revocationUrl: 'https://elsewhere.example/revoke' };

    const refused = await world.owner.ask('PATCH', path, { json: { auth: moved } });
    const kept = (await world.owner.ask('GET', path)).json<Shown>().publicJwks;
    const made = await world.owner.ask('PATCH', path, { json: { auth: { ...moved, privateKey: null } } });

    expect([refused.status, pointers(refused)]).toEqual([422, ['/auth/privateKey']]);
    expect(errorsOf(refused)[0]?.detail).toContain('not taken along to another address');
    expect(kept).toEqual(was);
    expect(made.json<Shown>().publicJwks).not.toEqual(was);
    expect(made.json<Shown>().publicJwks?.keys).toHaveLength(1);
  });
});

describe('a key that tokens are bound to', () => {
  test('is made, stays, and is neither shown nor taken', async () => {
    await using world = await openWorld();
    const { owner, app } = world;
    const slug = await connected(world, { dpop: true });
    const path = `/api/v1/connections/${slug}`;
    const sealed = () => rowsOf(app.databaseFile, 'select sealed_secrets from connection')[0];

    const was = sealed();
    const renamed = await owner.ask('PATCH', path, { json: { name: 'Renamed' } });
    const given = await owner.ask('PATCH', path, { json: { auth: { dpopKey: EC } } });

    expect(sealed()).toEqual(was);
    expect(renamed.json<Shown>()).toMatchObject({ publicJwks: null, auth: { dpop: true } });
    expect(Object.keys(renamed.json<Shown>().auth)).not.toContain('dpopKey');
    expect([given.status, pointers(given)]).toEqual([422, ['/auth/dpopKey']]);
  });
});

describe('a patch of what has members', () => {
  test('merges them one by one, and replaces lists', async () => {
    await using world = await openWorld();
    const path = `/api/v1/connections/${await connected(world, {
      ...jwtBearer,
      quirks: { jsonBody: true, tokenPath: 'data' },
      assertionClaims: { sub: 'svc', admin: true },
      resource: ['https://a.example/', 'https://b.example/'],
    })}`;
    const patch = async (auth: object) => (await world.owner.ask('PATCH', path, { json: { auth } })).json<Shown>().auth;

    const quirky = await patch({ quirks: { expiresInMs: true } });
    const plain = await patch({ quirks: { tokenPath: null, jsonBody: null } });
    const claims = await patch({ assertionClaims: { admin: null, aud: ['x'] } });
    const usual = await patch({ quirks: null, assertionClaims: null, resource: ['urn:c'] });

    const none = { jsonBody: false, secretInQuery: false, tokenPath: null, expiresInMs: false };
    expect(quirky['quirks']).toEqual({ ...none, jsonBody: true, tokenPath: 'data', expiresInMs: true });
    expect(plain['quirks']).toEqual({ ...none, expiresInMs: true });
    expect(claims['assertionClaims']).toEqual({ sub: 'svc', aud: ['x'] });
    expect(usual).toMatchObject({ quirks: none, assertionClaims: {}, resource: ['urn:c'] });
  });
});

describe('an editor', () => {
  const shared = sharedWorld();
  let path: string;
  let was: unknown;
  beforeAll(async () => {
    path = `/api/v1/connections/${await connected(shared.world, signed, { certificateAuthorities: ca.cert })}`;
    was = (await shared.world.viewer.ask('GET', path)).json();
  });

  test.each<[string, object]>([
    ['the issuer', { auth: { issuer: 'https://elsewhere.example' } }],
    ['the introspection URL', { auth: { introspectionUrl: 'https://elsewhere.example' } }],
    ['the device authorisation URL', { auth: { deviceAuthorizationUrl: 'https://elsewhere.example' } }],
    [
      'the pushed authorisation URL',
      { auth: { pushedAuthorizationUrl: 'https://elsewhere.example', authorizationUrl: 'https://a.example' } },
    ],
    ['the private key', { auth: { privateKey: EC } }],
    ['the private key, for a new one', { auth: { privateKey: null } }],
    ['the key id', { auth: { keyId: 'another' } }],
    ['whom assertions are for', { auth: { assertionAudience: 'token_endpoint' } }],
    ['the certificate', { auth: { certificate: client.cert } }],
    ['whether tokens are bound', { auth: { dpop: true } }],
    ['resources', { auth: { resource: ['https://a.example/'] } }],
    ['the audience', { auth: { audience: 'orders' } }],
    ['parameters', { auth: parameter('token', 'body', 'tenant') }],
    ['claims', { auth: { assertionClaims: { admin: true } } }],
    ['quirks', { auth: { quirks: { jsonBody: true } } }],
    ['whose password it is', { auth: { username: 'somebody' } }],
    ['certificate authorities', { certificateAuthorities: client.cert }],
    ['that there are any', { certificateAuthorities: null }],
  ])('may not change %s once something is held', async (_what, json) => {
    const reply = await shared.world.editor.ask('PATCH', path, { json });

    expect([reply.status, reply.problem]).toEqual([403, 'not-allowed']);
    expect((await shared.world.viewer.ask('GET', path)).json()).toEqual(was);
  });

  test('may change the rest, and say again what is', async () => {
    const { createdAt: _made, updatedAt: _changed, ...document } = was as Record<string, unknown>;
    const { publicJwks } = document;
    const reply = await shared.world.editor.ask('PATCH', path, { json: { ...document, width: 2 } });

    expect([reply.status, reply.json()]).toMatchObject([200, { width: 2, publicJwks }]);
  });
});
