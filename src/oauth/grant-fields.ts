import type { AuthSecrets, OAuth2Settings } from '../kernel/auth.ts';
import { Misconfigured } from '../kernel/errors.ts';
import { grantAssertion, missing } from './assertion.ts';
import type { RequestTools } from './request-tools.ts';
import type { TokenGrant } from './token-grant.ts';

/** RFC 8693, section 3. */
const ACCESS_TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:access_token';

type Fields = readonly (readonly [name: string, value: string | null])[];

/**
 * What a token request says besides its grant type, the client and what a library of the standard puts in by itself:
 * the resources always (RFC 8707, section 2.2), a scope and an audience only where something new is asked for. Throws
 * `Misconfigured` where what the grant type needs is missing.
 */
export function grantFields(
  settings: OAuth2Settings,
  secrets: AuthSecrets,
  grant: TokenGrant,
  tools: RequestTools,
): URLSearchParams {
  const resources = settings.resource.map((resource) => ['resource', resource] as const);
  const own = ownFields(settings, secrets, grant, tools);
  const given = [...own, ...resources].flatMap(([name, value]): [string, string][] => (value ? [[name, value]] : []));
  return new URLSearchParams(given);
}

function ownFields(settings: OAuth2Settings, secrets: AuthSecrets, grant: TokenGrant, tools: RequestTools): Fields {
  switch (grant.kind) {
    case 'code':
    case 'device':
      return [];
    case 'refresh':
      return [['scope', grant.scope ?? null]];
    case 'client-credentials':
      return asked(settings);
    case 'jwt-bearer':
      return [['assertion', grantAssertion(settings, secrets, tools)], ...asked(settings)];
    case 'token-exchange':
      return [...exchanged(settings, secrets), ...asked(settings)];
    case 'password':
      return [...resourceOwner(settings, secrets), ...asked(settings)];
  }
}

/** RFC 6749, section 3.3; RFC 8693, section 2.1, and what others have made of its `audience`. */
function asked({ scope, audience }: OAuth2Settings): Fields {
  return [
    ['scope', scope],
    ['audience', audience],
  ];
}

/** RFC 8693, section 2.1. */
function exchanged(settings: OAuth2Settings, { subjectToken, actorToken }: AuthSecrets): Fields {
  if (!subjectToken) throw new Misconfigured(missing('subject token'));
  const actor: Fields = [
    ['actor_token', actorToken ?? null],
    ['actor_token_type', settings.actorTokenType ?? ACCESS_TOKEN_TYPE],
  ];
  return [
    ['subject_token', subjectToken],
    ['subject_token_type', settings.subjectTokenType ?? ACCESS_TOKEN_TYPE],
    ...(actorToken ? actor : []),
    ['requested_token_type', settings.requestedTokenType],
  ];
}

/** RFC 6749, section 4.3.2. */
function resourceOwner({ username }: OAuth2Settings, { password }: AuthSecrets): Fields {
  if (!username) throw new Misconfigured(missing('user name'));
  if (!password) throw new Misconfigured(missing('password'));
  return [
    ['username', username],
    ['password', password],
  ];
}
