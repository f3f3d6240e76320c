import type { Connection } from '../../model/connection.ts';
import { oauth2Values } from './oauth2-values.ts';

/** Fields of the connection form that hold text; the routes read exactly these names. */
export const TEXT_FIELDS = [
  'name',
  'slug',
  'baseUrl',
  'origins',
  'headers',
  'timeoutMs',
  'width',
  'maskNames',
  'certificateAuthorities',
  'authType',
  'basicUsername',
  'apiKeyIn',
  'apiKeyName',
  'grantType',
  'tokenUrl',
  'authorizationUrl',
  'deviceAuthorizationUrl',
  'pushedAuthorizationUrl',
  'revocationUrl',
  'introspectionUrl',
  'issuer',
  'clientId',
  'clientAuthentication',
  'keyId',
  'signingAlgorithm',
  'assertionAudience',
  'scope',
  'resource',
  'audience',
  'parameters',
  'grantUsername',
  'assertionClaims',
  'subjectTokenType',
  'actorTokenType',
  'requestedTokenType',
  'tokenPath',
  'expiresIn',
  'marginSeconds',
  'replaySeconds',
] as const;

/** Fields that hold a secret: never filled in by us. */
export const SECRET_FIELDS = [
  'basicPassword',
  'bearerToken',
  'apiKeyValue',
  'clientSecret',
  'privateKey',
  'certificate',
  'certificateKey',
  'grantPassword',
  'subjectToken',
  'actorToken',
  'refreshToken',
  'accessToken',
] as const;
export type SecretField = (typeof SECRET_FIELDS)[number];

/** Boxes of the OAuth 2 part: a form names those it has in `ticks`, for a browser is silent about an empty one. */
export const OAUTH2_TICKS = ['requiresIss', 'dpop', 'jsonBody', 'secretInQuery', 'expiresInMs'] as const;
/** Fields that are ticked or not. */
export const TICK_FIELDS = ['resendUnsafeOn401', 'keepAlive', 'newPrivateKey', ...OAUTH2_TICKS] as const;

type Texts = Record<(typeof TEXT_FIELDS)[number], string>;
type Ticks = Record<(typeof TICK_FIELDS)[number], boolean>;

/** The form as typed or as kept, without secrets. */
export type ConnectionValues = Readonly<Texts & Ticks>;

/** The form of a connection that is still to be made. */
export const NEW_CONNECTION: ConnectionValues = {
  ...(Object.fromEntries(TEXT_FIELDS.map((name) => [name, ''])) as Texts),
  ...(Object.fromEntries(TICK_FIELDS.map((name) => [name, false])) as Ticks),
  timeoutMs: '30000',
  width: '8',
  authType: 'oauth2',
  apiKeyIn: 'header',
  grantType: 'authorization_code',
  clientAuthentication: 'client_secret_basic',
  assertionAudience: 'issuer',
  resendUnsafeOn401: true,
};

/** What the form shows of a connection. */
export type DescribedConnection = Pick<
  Connection,
  | 'name'
  | 'slug'
  | 'baseUrl'
  | 'origins'
  | 'headers'
  | 'timeoutMs'
  | 'width'
  | 'maskNames'
  | 'resendUnsafeOn401'
  | 'keepAlive'
  | 'certificateAuthorities'
  | 'auth'
>;

/** The form of a connection that is kept. */
export function connectionValues(connection: DescribedConnection): ConnectionValues {
  return {
    ...NEW_CONNECTION,
    name: connection.name,
    slug: connection.slug,
    baseUrl: connection.baseUrl,
    origins: connection.origins.join('\n'),
    headers: connection.headers.map(([name, value]) => `${name}: ${value}`).join('\n'),
    timeoutMs: String(connection.timeoutMs),
    width: String(connection.width),
    maskNames: connection.maskNames.join('\n'),
    certificateAuthorities: connection.certificateAuthorities ?? '',
    resendUnsafeOn401: connection.resendUnsafeOn401,
    keepAlive: connection.keepAlive,
    ...authValues(connection),
  };
}

/** The form as somebody sent it, so that nothing typed is lost; secrets are left behind. */
export function typedValues(fields: Readonly<Record<string, unknown>>): ConnectionValues {
  const text = (name: string) => (typeof fields[name] === 'string' ? fields[name] : '');
  return {
    ...(Object.fromEntries(TEXT_FIELDS.map((name) => [name, text(name)])) as Texts),
    ...(Object.fromEntries(TICK_FIELDS.map((name) => [name, text(name) === 'on'])) as Ticks),
  };
}

function authValues({ auth }: DescribedConnection): Partial<ConnectionValues> {
  switch (auth.type) {
    case 'none':
    case 'bearer':
      return { authType: auth.type };
    case 'basic':
      return { authType: 'basic', basicUsername: auth.username };
    case 'apiKey':
      return { authType: 'apiKey', apiKeyIn: auth.in, apiKeyName: auth.name };
    case 'oauth2':
      return oauth2Values(auth);
  }
}
