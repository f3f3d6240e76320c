/** OAuth 2 grant types we can fetch and keep tokens with: the values of `grant_type`, `authorization_code` and all. */
export const GRANT_TYPES = [
  'authorization_code',
  'client_credentials',
  'refresh_token',
  'urn:ietf:params:oauth:grant-type:device_code',
  'urn:ietf:params:oauth:grant-type:jwt-bearer',
  'urn:ietf:params:oauth:grant-type:token-exchange',
  'password',
] as const;
export type GrantType = (typeof GRANT_TYPES)[number];

/** Grant types with which a new access token can be had without a person and without a refresh token. */
const FETCHED_ANEW: ReadonlySet<GrantType> = new Set<GrantType>([
  'client_credentials',
  'urn:ietf:params:oauth:grant-type:jwt-bearer',
  'urn:ietf:params:oauth:grant-type:token-exchange',
]);

/**
 * How a client proves itself to the provider's endpoints (RFC 6749 section 2.3, RFC 7523, RFC 8705; names of RFC 7591,
 * section 2).
 */
export const CLIENT_AUTHENTICATIONS = [
  'client_secret_basic',
  'client_secret_post',
  'client_secret_jwt',
  'private_key_jwt',
  'tls_client_auth',
  'self_signed_tls_client_auth',
  'none',
] as const;
export type ClientAuthentication = (typeof CLIENT_AUTHENTICATIONS)[number];

/** Algorithms we sign assertions and proofs with (RFC 7518, section 3.1; RFC 8037). `client_secret_jwt` is always HS256. */
export const SIGNING_ALGORITHMS = ['ES256', 'PS256', 'RS256', 'EdDSA'] as const;
export type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number];

/** What the `aud` of a client assertion is: the issuer's identifier, or the token endpoint's URL, as many servers still want. */
export const ASSERTION_AUDIENCES = ['issuer', 'token_endpoint'] as const;
export type AssertionAudience = (typeof ASSERTION_AUDIENCES)[number];

/** When a parameter of one's own is sent: with the authorisation request, with every first token request, with refreshing. */
export const PARAMETER_PHASES = ['authorize', 'token', 'refresh'] as const;
/** Where it stands; an authorisation request takes `query` only. */
export const PARAMETER_PLACES = ['query', 'body', 'header'] as const;

/** A parameter that a provider wants besides the standard's. */
export interface ExtraParameter {
  readonly phase: (typeof PARAMETER_PHASES)[number];
  readonly in: (typeof PARAMETER_PLACES)[number];
  readonly name: string;
  readonly value: string;
}

/** What a claim of an assertion may hold. */
export type ClaimValue = string | number | boolean | readonly string[];

/** Where a provider departs from the standard. */
export interface Quirks {
  /** The token request's body is JSON instead of a form. */
  readonly jsonBody: boolean;
  /** `client_id` and `client_secret` stand in the token URL's query. */
  readonly secretInQuery: boolean;
  /** Where in the answer the token's fields are: member names with a dot between (`data.token`); null is the top. */
  readonly tokenPath: string | null;
  /** `expires_in` is in milliseconds. */
  readonly expiresInMs: boolean;
}

/** The part of an OAuth 2 set-up that is no secret. Seconds where a name says so; null means "not given". */
export interface OAuth2Settings {
  readonly type: 'oauth2';
  readonly grantType: GrantType;
  readonly tokenUrl: string;
  readonly authorizationUrl: string | null;
  readonly revocationUrl: string | null;
  /** RFC 7662. */
  readonly introspectionUrl: string | null;
  /** RFC 8628. */
  readonly deviceAuthorizationUrl: string | null;
  /** RFC 9126; where it is given, every authorisation request is pushed. */
  readonly pushedAuthorizationUrl: string | null;
  readonly issuer: string | null;
  /** The callback of a consent has to name the issuer (RFC 9207, section 2.3). */
  readonly requiresIss: boolean;
  readonly clientId: string;
  readonly clientAuthentication: ClientAuthentication;
  /** Null: the one that fits the key (EC: ES256, Ed25519: EdDSA, RSA: PS256). */
  readonly signingAlgorithm: SigningAlgorithm | null;
  /** The `kid` of assertions; null: the key's thumbprint (RFC 7638). */
  readonly keyId: string | null;
  readonly assertionAudience: AssertionAudience;
  /** Tokens are bound to a key of this connection (RFC 9449). */
  readonly dpop: boolean;
  readonly scope: string | null;
  /** RFC 8707. */
  readonly resource: readonly string[];
  readonly audience: string | null;
  readonly parameters: readonly ExtraParameter[];
  /** Whose password it is; for the grant type `password` only. */
  readonly username: string | null;
  /** Claims of the assertion of `jwt-bearer` (RFC 7523, section 3) besides or in place of ours: iss and sub are the client id, aud is the token URL, exp is in five minutes. */
  readonly assertionClaims: Readonly<Record<string, ClaimValue>>;
  /** Token types of `token-exchange` (RFC 8693, section 3); null: an access token, and for the requested one what the provider likes. */
  readonly subjectTokenType: string | null;
  readonly actorTokenType: string | null;
  readonly requestedTokenType: string | null;
  readonly quirks: Quirks;
  readonly marginSeconds: number | null;
  readonly replaySeconds: number | null;
}

/** What an OAuth 2 set-up holds where nothing is said. */
export const USUAL_OAUTH2 = {
  authorizationUrl: null,
  revocationUrl: null,
  introspectionUrl: null,
  deviceAuthorizationUrl: null,
  pushedAuthorizationUrl: null,
  issuer: null,
  requiresIss: false,
  clientAuthentication: 'client_secret_basic',
  signingAlgorithm: null,
  keyId: null,
  assertionAudience: 'issuer',
  dpop: false,
  scope: null,
  resource: [],
  audience: null,
  parameters: [],
  username: null,
  assertionClaims: {},
  subjectTokenType: null,
  actorTokenType: null,
  requestedTokenType: null,
  quirks: { jsonBody: false, secretInQuery: false, tokenPath: null, expiresInMs: false },
  marginSeconds: null,
  replaySeconds: null,
} as const satisfies Omit<OAuth2Settings, 'type' | 'grantType' | 'tokenUrl' | 'clientId'>;

/** How calls of a connection are authorised, without the secrets. */
export type AuthSettings =
  | { readonly type: 'none' }
  | { readonly type: 'basic'; readonly username: string }
  | { readonly type: 'bearer' }
  | { readonly type: 'apiKey'; readonly in: 'header' | 'query' | 'cookie'; readonly name: string }
  | OAuth2Settings;

/** The secrets that go with `AuthSettings`; sealed as one JSON text on the connection. */
export interface AuthSecrets {
  readonly password?: string;
  readonly token?: string;
  readonly value?: string;
  readonly clientSecret?: string;
  /** Signs client assertions and the assertion of `jwt-bearer`: PKCS #8 as PEM. */
  readonly privateKey?: string;
  /** What a TLS client shows (RFC 8705): PEM, the client's own certificate first, and its key as PKCS #8. */
  readonly certificate?: string;
  readonly certificateKey?: string;
  readonly subjectToken?: string;
  readonly actorToken?: string;
  /** The key that tokens are bound to, as PKCS #8 in PEM; made by us. */
  readonly dpopKey?: string;
}

/** True when a new access token can be had without a person and without a refresh token. */
export function canFetchAlone(auth: OAuth2Settings): boolean {
  return FETCHED_ANEW.has(auth.grantType);
}

/** True when a first token set can be had without a person. A password is used again only where no refresh token is held. */
export function startsAlone(auth: OAuth2Settings): boolean {
  return canFetchAlone(auth) || auth.grantType === 'password';
}

/** True where the client shows a certificate: to its provider, and with the tokens bound to it to the API (RFC 8705, section 3). */
export function showsCertificate({ clientAuthentication }: Pick<OAuth2Settings, 'clientAuthentication'>): boolean {
  return clientAuthentication === 'tls_client_auth' || clientAuthentication === 'self_signed_tls_client_auth';
}
