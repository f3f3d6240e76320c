import { generateKeyPairSync } from 'node:crypto';
import { authority } from '../support/certificate.ts';

const ca = authority('Partner CA');
const client = ca.issue('client.partner.example');

/** A private key of its own, as PKCS #8. */
export const PRIVATE_KEY = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();
/** The PEM of an authority that no system knows. */
export const AUTHORITY = ca.cert;

/** Every secret that the description below holds. */
export const SECRETS = {
  clientSecret: 'the client secret of every setting',
  privateKey: PRIVATE_KEY,
  certificate: client.cert,
  certificateKey: client.key,
  password: 'the password of every setting',
  subjectToken: 'subject-token-of-every-setting',
  actorToken: 'actor-token-of-every-setting',
  refreshToken: 'refresh-token-of-every-setting',
  accessToken: 'access-token-of-every-setting',
} as const;

/** A connection with every OAuth 2 setting, none of them the usual one. */
export const EVERY_SETTING = {
  name: 'Everything',
  slug: 'everything',
  baseUrl: 'https://api.partner.example/v1',
  origins: ['https://files.partner.example'],
  headers: [['accept', 'application/json']],
  timeoutMs: 12_000,
  width: 3,
  resendUnsafeOn401: false,
  keepAlive: true,
  maskNames: ['session'],
  unmaskNames: ['state'],
  certificateAuthorities: AUTHORITY.trim(),
  auth: {
    type: 'oauth2',
    grantType: 'authorization_code',
    tokenUrl: 'https://id.partner.example/token',
    authorizationUrl: 'https://id.partner.example/authorize',
    revocationUrl: 'https://id.partner.example/revoke',
    introspectionUrl: 'https://id.partner.example/introspect',
    deviceAuthorizationUrl: 'https://id.partner.example/device',
    pushedAuthorizationUrl: 'https://id.partner.example/par',
    issuer: 'https://id.partner.example',
    requiresIss: true,
    clientId: 'abc',
    clientAuthentication: 'private_key_jwt',
    keyId: 'key-1',
    signingAlgorithm: 'RS256',
    assertionAudience: 'token_endpoint',
    dpop: true,
    scope: 'orders offline_access',
    resource: ['https://api.partner.example/', 'urn:partner:orders'],
    audience: 'https://audience.partner.example',
    parameters: [
      { phase: 'authorize', in: 'query', name: 'prompt', value: ' select_account & <consent> ' },
      { phase: 'token', in: 'body', name: 'tenant[id]', value: 'a=b' },
      { phase: 'refresh', in: 'header', name: 'X-Partner-Version', value: '2026-11' },
      { phase: 'token', in: 'query', name: 'empty', value: '' },
    ],
    username: 'svc "reports"',
    assertionClaims: { sub: 'svc@partner.example', 'https://claims.example/n': 1.5, admin: false, aud: ['a', 'b'] },
    subjectTokenType: 'urn:ietf:params:oauth:token-type:jwt',
    actorTokenType: 'urn:ietf:params:oauth:token-type:id_token',
    requestedTokenType: 'urn:ietf:params:oauth:token-type:access_token',
    quirks: { jsonBody: true, secretInQuery: false, tokenPath: 'data.token', expiresInMs: true },
    marginSeconds: 45,
    replaySeconds: 20,
    ...SECRETS,
  },
} as const;
