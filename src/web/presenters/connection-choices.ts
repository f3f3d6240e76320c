import {
  ASSERTION_AUDIENCES,
  type AssertionAudience,
  CLIENT_AUTHENTICATIONS,
  type ClientAuthentication,
  GRANT_TYPES,
  type GrantType,
  SIGNING_ALGORITHMS,
  type SigningAlgorithm,
} from '../../kernel/auth.ts';
import type { ConnectionValues } from './connection-values.ts';

const AUTH_TYPES = [
  ['oauth2', 'OAuth 2'],
  ['bearer', 'Bearer token'],
  ['apiKey', 'API key'],
  ['basic', 'Basic'],
  ['none', 'None'],
] as const;

const GRANT_TYPE_WORDS: Record<GrantType, string> = {
  authorization_code: 'Authorization code (a person consents)',
  client_credentials: 'Client credentials (no person)',
  refresh_token: 'Refresh token (pasted once)',
  'urn:ietf:params:oauth:grant-type:device_code': 'Device code (consent on another device)',
  'urn:ietf:params:oauth:grant-type:jwt-bearer': 'JWT bearer (an assertion we sign)',
  'urn:ietf:params:oauth:grant-type:token-exchange': 'Token exchange (for a token you hold)',
  password: 'Password (legacy, not advised)',
};

const CLIENT_AUTHENTICATION_WORDS: Record<ClientAuthentication, string> = {
  client_secret_basic: 'Secret in the Basic header',
  client_secret_post: 'Secret in the form',
  client_secret_jwt: 'Assertion signed with the secret',
  private_key_jwt: 'Assertion signed with a private key',
  tls_client_auth: 'TLS certificate from an authority',
  self_signed_tls_client_auth: 'TLS certificate, self-signed',
  none: 'None (public client)',
};

const ALGORITHM_WORDS: Record<SigningAlgorithm, string> = {
  ES256: 'ES256 (EC, P-256)',
  PS256: 'PS256 (RSA)',
  RS256: 'RS256 (RSA, older)',
  EdDSA: 'EdDSA (Ed25519)',
};

const AUDIENCE_WORDS: Record<AssertionAudience, string> = {
  issuer: 'The issuer',
  token_endpoint: 'The token URL (older servers)',
};

const API_KEY_PLACES = [
  ['header', 'Header'],
  ['query', 'Query'],
  ['cookie', 'Cookie'],
] as const;

/** What the selects of the connection form offer, and which of it is chosen. */
export function connectionChoices(values: ConnectionValues) {
  return {
    authTypes: options(AUTH_TYPES, values.authType),
    grantTypes: options(
      GRANT_TYPES.map((type) => [type, GRANT_TYPE_WORDS[type]]),
      values.grantType,
    ),
    clientAuthentications: options(
      CLIENT_AUTHENTICATIONS.map((way) => [way, CLIENT_AUTHENTICATION_WORDS[way]]),
      values.clientAuthentication,
    ),
    signingAlgorithms: options(
      [
        ['', 'Whichever fits the key (new: ES256)'],
        ...SIGNING_ALGORITHMS.map((algorithm) => [algorithm, ALGORITHM_WORDS[algorithm]] as const),
      ],
      values.signingAlgorithm,
    ),
    assertionAudiences: options(
      ASSERTION_AUDIENCES.map((audience) => [audience, AUDIENCE_WORDS[audience]]),
      values.assertionAudience,
    ),
    apiKeyPlaces: options(API_KEY_PLACES, values.apiKeyIn),
  };
}

function options(known: readonly (readonly [string, string])[], chosen: string) {
  return known.map(([value, text]) => ({ value, text, isChosen: value === chosen }));
}
