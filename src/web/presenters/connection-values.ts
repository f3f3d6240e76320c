import type { Connection } from '../../model/connection.ts';

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
  'authType',
  'basicUsername',
  'apiKeyIn',
  'apiKeyName',
  'grantType',
  'tokenUrl',
  'authorizationUrl',
  'revocationUrl',
  'issuer',
  'clientId',
  'clientAuthentication',
  'scope',
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
  'refreshToken',
  'accessToken',
] as const;
export type SecretField = (typeof SECRET_FIELDS)[number];

/** Fields that are ticked or not. */
export const TICK_FIELDS = ['resendUnsafeOn401', 'keepAlive'] as const;

type Texts = Record<(typeof TEXT_FIELDS)[number], string>;
type Ticks = Record<(typeof TICK_FIELDS)[number], boolean>;

/** The form as typed or as kept, without secrets. */
export type ConnectionValues = Readonly<Texts & Ticks>;

/** The form of a connection that is still to be made. */
export const NEW_CONNECTION: ConnectionValues = {
  ...(Object.fromEntries(TEXT_FIELDS.map((name) => [name, ''])) as Texts),
  timeoutMs: '30000',
  width: '8',
  authType: 'oauth2',
  apiKeyIn: 'header',
  grantType: 'authorization_code',
  clientAuthentication: 'client_secret_basic',
  resendUnsafeOn401: true,
  keepAlive: false,
};

/** The form of a connection that is kept. */
export function connectionValues(connection: Connection): ConnectionValues {
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
    resendUnsafeOn401: text('resendUnsafeOn401') === 'on',
    keepAlive: text('keepAlive') === 'on',
  };
}

function authValues({ auth }: Connection): Partial<ConnectionValues> {
  switch (auth.type) {
    case 'none':
    case 'bearer':
      return { authType: auth.type };
    case 'basic':
      return { authType: 'basic', basicUsername: auth.username };
    case 'apiKey':
      return { authType: 'apiKey', apiKeyIn: auth.in, apiKeyName: auth.name };
    case 'oauth2':
      return {
        authType: 'oauth2',
        grantType: auth.grantType,
        tokenUrl: auth.tokenUrl,
        authorizationUrl: auth.authorizationUrl ?? '',
        revocationUrl: auth.revocationUrl ?? '',
        issuer: auth.issuer ?? '',
        clientId: auth.clientId,
        clientAuthentication: auth.clientAuthentication,
        scope: auth.scope ?? '',
        marginSeconds: auth.marginSeconds?.toString() ?? '',
        replaySeconds: auth.replaySeconds?.toString() ?? '',
      };
  }
}
