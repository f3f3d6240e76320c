import { describe, expect, test } from '@jest/globals';
import {
  issuerFault,
  metadataAddresses,
  metadataRequest,
  mostTelling,
  readMetadata,
} from '../../src/oauth/discovery.ts';
import { freshUntil } from '../../src/oauth/freshness.ts';
import { endpointsFor, metadataOf } from '../../src/oauth/issuer-metadata.ts';
import { answered, failed, resultOf, SENT_AT } from './answers.ts';

const ISSUER = 'https://id.partner.example/realms/a';
const DOCUMENT = {
  issuer: ISSUER,
  token_endpoint: 'https://id.partner.example/token',
  authorization_endpoint: 'https://id.partner.example/authorize',
  revocation_endpoint: 'https://id.partner.example/revoke',
  introspection_endpoint: 'https://id.partner.example/introspect',
  device_authorization_endpoint: 'https://id.partner.example/device',
  pushed_authorization_request_endpoint: 'https://id.partner.example/par',
  registration_endpoint: 'https://id.partner.example/register',
  mtls_endpoint_aliases: { token_endpoint: 'https://mtls.partner.example/token' },
  authorization_response_iss_parameter_supported: true,
  require_pushed_authorization_requests: true,
  token_endpoint_auth_methods_supported: ['private_key_jwt', 'client_secret_basic', 'invented'],
  grant_types_supported: ['refresh_token', 'implicit', 'authorization_code'],
  scopes_supported: ['openid', 7, 'orders'],
  dpop_signing_alg_values_supported: ['ES256'],
};
const read = (body: unknown, issuer = ISSUER) => readMetadata(issuer, resultOf(answered(200, body)));

describe('What an issuer says of itself', () => {
  test.each([
    [
      'https://id.example',
      'https://id.example/.well-known/oauth-authorization-server',
      'https://id.example/.well-known/openid-configuration',
    ],
    [
      'https://id.example/',
      'https://id.example/.well-known/oauth-authorization-server',
      'https://id.example/.well-known/openid-configuration',
    ],
    [
      'https://id.example:8443/realms/a',
      'https://id.example:8443/.well-known/oauth-authorization-server/realms/a',
      'https://id.example:8443/realms/a/.well-known/openid-configuration',
    ],
    [
      'https://id.example/a/v2.0/',
      'https://id.example/.well-known/oauth-authorization-server/a/v2.0',
      'https://id.example/a/v2.0/.well-known/openid-configuration',
    ],
  ])('of %s stands at two addresses', (issuer, ...addresses) => {
    expect(metadataAddresses(issuer)).toEqual(addresses);
    expect(metadataRequest(addresses[0] ?? '')).toMatchObject({ method: 'GET', url: addresses[0], body: null });
  });

  test('is taken as far as we use it', () => {
    const reply = read(DOCUMENT);
    expect(reply).toEqual({ kind: 'found', document: DOCUMENT });
    expect(metadataOf(DOCUMENT)).toEqual({
      endpoints: {
        tokenUrl: DOCUMENT.token_endpoint,
        authorizationUrl: DOCUMENT.authorization_endpoint,
        revocationUrl: DOCUMENT.revocation_endpoint,
        introspectionUrl: DOCUMENT.introspection_endpoint,
        deviceAuthorizationUrl: DOCUMENT.device_authorization_endpoint,
        pushedAuthorizationUrl: DOCUMENT.pushed_authorization_request_endpoint,
      },
      tlsEndpoints: { tokenUrl: 'https://mtls.partner.example/token' },
      namesItself: true,
      requiresPushed: true,
      clientAuthentications: ['client_secret_basic', 'private_key_jwt'],
      grantTypes: ['authorization_code', 'refresh_token'],
      scopes: ['openid', 'orders'],
      proofAlgorithms: ['ES256'],
    });
  });

  test('is unknown where it says nothing', () => {
    expect(metadataOf({ issuer: ISSUER, token_endpoint: DOCUMENT.token_endpoint })).toEqual({
      endpoints: { tokenUrl: DOCUMENT.token_endpoint },
      tlsEndpoints: {},
      namesItself: false,
      requiresPushed: false,
      clientAuthentications: null,
      grantTypes: null,
      scopes: null,
      proofAlgorithms: null,
    });
  });

  test('has addresses of their own for clients that show a certificate', () => {
    const metadata = metadataOf(DOCUMENT);
    expect(endpointsFor(metadata, true).tokenUrl).toBe('https://mtls.partner.example/token');
    expect(endpointsFor(metadata, true).revocationUrl).toBe(DOCUMENT.revocation_endpoint);
    expect(endpointsFor(metadata, false).tokenUrl).toBe(DOCUMENT.token_endpoint);
  });
});

describe('An answer of an issuer', () => {
  const ok = (body: unknown) => answered(200, body);
  const named = (issuer: unknown) => ok({ ...DOCUMENT, issuer });

  test.each([
    ['another issuer', named('https://evil.example'), 'issuer-mismatch', 'another issuer, “https://evil.example”'],
    ['a slash more', named(`${ISSUER}/`), 'issuer-mismatch', `“${ISSUER}/”`],
    ['other letters', named(ISSUER.toUpperCase()), 'issuer-mismatch', 'another issuer'],
    ['a template', named('https://id.partner.example/{tenantid}'), 'issuer-mismatch', '{tenantid}'],
    ['a very long issuer', named('x'.repeat(5000)), 'issuer-mismatch', 'xxx…”'],
    ['no issuer', ok({ token_endpoint: DOCUMENT.token_endpoint }), 'no-issuer', 'does not say whose it is'],
    ['an issuer that is no text', named(7), 'no-issuer', 'does not say whose it is'],
    ['no token endpoint', ok({ issuer: ISSUER }), 'unfit-endpoint', 'names no token endpoint'],
    ['plain http', ok({ ...DOCUMENT, token_endpoint: 'http://a.example/t' }), 'unfit-endpoint', 'token endpoint that'],
    [
      'plain http to revoke',
      ok({ ...DOCUMENT, revocation_endpoint: 'http://a.example' }),
      'unfit-endpoint',
      'revocation',
    ],
    ['an endpoint that is a list', ok({ ...DOCUMENT, token_endpoint: [] }), 'unfit-endpoint', 'It is no text'],
    [
      'an endpoint with a space',
      ok({ ...DOCUMENT, token_endpoint: 'https://a.example/ b' }),
      'unfit-endpoint',
      'no address',
    ],
    [
      'an endpoint too long',
      ok({ ...DOCUMENT, token_endpoint: `https://a.example/${'a'.repeat(2048)}` }),
      'unfit-endpoint',
      'no address',
    ],
    [
      'a password',
      ok({ ...DOCUMENT, token_endpoint: 'https://a:b@a.example' }),
      'unfit-endpoint',
      'user name or password',
    ],
    [
      'plain http for certificates',
      ok({ ...DOCUMENT, mtls_endpoint_aliases: { token_endpoint: 'http://a.example' } }),
      'unfit-endpoint',
      'token endpoint',
    ],
    ['a page', ok('<html>'), 'unreadable', 'no JSON object'],
    ['a list', ok([DOCUMENT]), 'unreadable', 'no JSON object'],
    ['half of it', answered(200, DOCUMENT, [], true), 'unreadable', 'no JSON object'],
    ['too much', failed('too-large', true), 'too-large', 'too large'],
    ['nothing', answered(404, ''), 'not-there', 'publishes nothing of itself there (404)'],
    ['a fault', answered(500, DOCUMENT), 'not-there', '(500)'],
    ['a redirect', answered(301, '', [['location', 'https://evil.example']]), 'redirect', 'never followed'],
    ['no way there', failed('refused-address', false), 'no-answer', 'could not be asked. It failed: refused-address.'],
  ])('is refused with %s', (_what, outcome, code, words) => {
    expect(readMetadata(ISSUER, resultOf(outcome))).toMatchObject({
      kind: 'failed',
      code,
      detail: expect.stringContaining(words),
    });
  });

  test('is told by what tells most', () => {
    const nothing = { kind: 'failed', code: 'not-there', detail: 'a' } as const;
    const mismatch = { kind: 'failed', code: 'issuer-mismatch', detail: 'b' } as const;
    expect(mostTelling([nothing, mismatch])).toBe(mismatch);
    expect(mostTelling([mismatch, nothing])).toBe(mismatch);
  });

  test('on this machine may come over plain http', () => {
    const issuer = 'http://127.0.0.1:8080';
    expect(read({ issuer, token_endpoint: `${issuer}/token` }, issuer).kind).toBe('found');
  });
});

describe('An issuer', () => {
  test.each([
    ['http://id.partner.example', 'https'],
    ['https://id.partner.example?a=b', 'no query'],
    ['https://id.partner.example?', 'no query'],
    ['https://id.partner.example#a', 'fragment'],
    ['https://me:secret@id.partner.example', 'user name'],
    ['id.partner.example', 'complete address'],
    ['', 'complete address'],
  ])('is not %s', (issuer, words) => {
    expect(issuerFault(issuer)).toContain(words);
  });

  test.each(['https://id.partner.example', 'https://id.partner.example/a/', 'http://localhost:8080/realms/a'])(
    'may be %s',
    (issuer) => expect(issuerFault(issuer)).toBeNull(),
  );
});

describe('What was read', () => {
  const minutes = (headers: [string, string][]) =>
    (freshUntil(headers, SENT_AT).getTime() - SENT_AT.getTime()) / 60_000;

  test.each<[string, [string, string][], number]>([
    ['a day where nothing is said', [], 1440],
    ['as long as is said', [['Cache-Control', 'public, max-age=3600']], 60],
    [
      'less what it was on its way',
      [
        ['cache-control', 'max-age=3600'],
        ['age', '1800'],
      ],
      30,
    ],
    ['five minutes at least', [['cache-control', 'max-age=1']], 5],
    ['a day at most', [['cache-control', 'max-age=99999999']], 1440],
    ['five minutes where it is not to be kept', [['cache-control', 'no-store']], 5],
    ['five minutes where it is to be asked for again', [['cache-control', 'no-cache, max-age=3600']], 5],
    ['until it expires', [['expires', new Date(SENT_AT.getTime() + 600_000).toUTCString()]], 10],
    ['five minutes where it has expired', [['expires', '0']], 5],
    ['not by what is for others', [['cache-control', 's-maxage=3600']], 1440],
  ])('is fresh %s', (_what, headers, expected) => {
    expect(minutes(headers)).toBe(expected);
  });
});
