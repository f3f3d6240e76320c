/** OAuth 2 grant types we can fetch and keep tokens with. */
export const GRANT_TYPES = ['client_credentials', 'authorization_code', 'refresh_token'] as const;
export type GrantType = (typeof GRANT_TYPES)[number];

/** How a client proves itself to the token endpoint (RFC 6749, section 2.3; names of RFC 7591, section 2). */
export const CLIENT_AUTHENTICATIONS = ['client_secret_basic', 'client_secret_post', 'none'] as const;
export type ClientAuthentication = (typeof CLIENT_AUTHENTICATIONS)[number];

/** The part of an OAuth 2 set-up that is no secret. Seconds where a name says so; null means "not given". */
export interface OAuth2Settings {
  readonly type: 'oauth2';
  readonly grantType: GrantType;
  readonly tokenUrl: string;
  readonly authorizationUrl: string | null;
  readonly revocationUrl: string | null;
  readonly issuer: string | null;
  readonly clientId: string;
  readonly clientAuthentication: ClientAuthentication;
  readonly scope: string | null;
  readonly marginSeconds: number | null;
  readonly replaySeconds: number | null;
}

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
}

/** True when a new access token can be had without a person and without a refresh token. */
export function canFetchAlone(auth: OAuth2Settings): boolean {
  return auth.grantType === 'client_credentials';
}
