import type { GrantTelling } from '../kernel/grant-telling.ts';
import type { Workings } from '../workings.ts';

/** A connection as the services give it. */
export type FoundConnection = Awaited<ReturnType<Workings['connector']['find']>>;

const SET = { set: true };

/** A connection for programs: an allow-list; secrets are told as set or not. `held` names those it holds. */
export function connectionJson(connection: FoundConnection, held: readonly string[]) {
  const { name, slug, baseUrl, origins, headers, timeoutMs, width, resendUnsafeOn401, keepAlive } = connection;
  const { maskNames, unmaskNames, createdAt, updatedAt, lastCallAt } = connection;
  return {
    name,
    slug,
    baseUrl,
    origins,
    headers,
    timeoutMs,
    width,
    resendUnsafeOn401,
    keepAlive,
    maskNames,
    unmaskNames,
    auth: authJson(connection, held),
    createdAt,
    updatedAt,
    lastCallAt: lastCallAt ?? null,
  };
}

/** How a grant stands, for programs; never a token. */
export function grantJson({ state, generation, expiresAt, expiresIn, nextCheckIn, reason, detail }: GrantTelling) {
  return { state, generation, expiresAt, expiresIn, nextCheckIn, reason, detail };
}

function authJson({ auth }: FoundConnection, held: readonly string[]) {
  const secret = (name: string) => (held.includes(name) ? SET : null);
  switch (auth.type) {
    case 'none':
      return { type: auth.type };
    case 'basic':
      return { type: auth.type, username: auth.username, password: secret('password') };
    case 'bearer':
      return { type: auth.type, token: secret('token') };
    case 'apiKey':
      return { type: auth.type, in: auth.in, name: auth.name, value: secret('value') };
    case 'oauth2': {
      const { type, grantType, tokenUrl, authorizationUrl, revocationUrl, issuer, clientId } = auth;
      const { clientAuthentication, scope, marginSeconds, replaySeconds } = auth;
      return {
        type,
        grantType,
        tokenUrl,
        authorizationUrl,
        revocationUrl,
        issuer,
        clientId,
        clientSecret: secret('clientSecret'),
        clientAuthentication,
        scope,
        marginSeconds,
        replaySeconds,
      };
    }
  }
}
