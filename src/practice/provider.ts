import type Koa from 'koa';
import { Provider } from 'oidc-provider';
import type { Clock } from '../kernel/clock.ts';
import type { Logger } from '../kernel/logger.ts';
import { errorPage } from './pages.ts';
import type { StateFile } from './state-file.ts';
import { TokenStore } from './token-store.ts';

const MINUTE = 60;
const DAY = 24 * 60 * MINUTE;

/** The provider of the practice API, its own words on the console replaced by our log. */
export interface ProviderParts {
  readonly issuer: string;
  readonly redirectUris: readonly string[];
  readonly accessTokenSeconds: number;
  readonly file: StateFile;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * A strict OAuth 2 server: PKCE always (RFC 7636), refresh tokens that rotate, and whose reuse ends the whole family
 * (RFC 9700, section 4.14.2), short access tokens, revocation (RFC 7009), `iss` in the callback (RFC 9207).
 */
export function practiceProvider(parts: ProviderParts): Provider {
  const { state } = parts.file;
  const provider = new Provider(parts.issuer, {
    adapter: (model) => new TokenStore(model, parts.file, parts.clock),
    clients: [clientOf(parts)],
    jwks: { keys: state.keys.map((key) => ({ ...key, kty: 'EC' })) },
    cookies: {
      keys: [...state.cookieKeys],
      names: { session: 'practice_session', interaction: 'practice_consent', resume: 'practice_resume' },
    },
    scopes: ['openid', 'offline_access', 'orders'],
    pkce: { required: () => true },
    rotateRefreshToken: true,
    clockTolerance: 0,
    ttl: lifetimes(parts.accessTokenSeconds),
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
      rpInitiatedLogout: { enabled: false },
    },
    clientBasedCORS: () => false,
    interactions: { url: (_ctx, { uid }) => `/consent/${uid}` },
    findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
    renderError: (ctx, { error, error_description }) => {
      errorPage(ctx, error, error_description ?? 'The practice provider cannot go on.');
    },
  });
  provider.on('server_error', (_ctx, error) =>
    parts.logger.error({ error: error.message }, 'The practice provider failed.'),
  );
  const app: Koa = provider;
  app.on('error', (error: Error) => parts.logger.warn({ error: error.message }, 'A practice call failed.'));
  return provider;
}

function clientOf({ file, redirectUris }: ProviderParts) {
  return {
    client_id: file.state.client.id,
    client_secret: file.state.client.secret,
    client_name: 'Callbook',
    redirect_uris: [...redirectUris],
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    response_types: ['code' as const],
    id_token_signed_response_alg: 'ES256' as const,
  };
}

/** Seconds each thing lives. All are given: the library warns on the console about each that is not. */
function lifetimes(accessTokenSeconds: number) {
  return {
    AccessToken: accessTokenSeconds,
    ClientCredentials: accessTokenSeconds,
    AuthorizationCode: MINUTE,
    IdToken: 10 * MINUTE,
    Interaction: 60 * MINUTE,
    Session: DAY,
    RefreshToken: 90 * DAY,
    Grant: 3650 * DAY,
  };
}
