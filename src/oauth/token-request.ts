import * as oauth from 'oauth4webapi';
import type { AuthSecrets, OAuth2Settings } from '../kernel/auth.ts';
import { Misconfigured } from '../kernel/errors.ts';
import type { OutboundRequest } from '../kernel/exchange.ts';
import { clientSecretOf } from './assertion.ts';
import { clientAuthOf } from './client-authentication.ts';
import { dpopProof } from './dpop.ts';
import { grantFields } from './grant-fields.ts';
import { type BuildOptions, captured, clientOf, serverOf } from './provider.ts';
import { draftOf, type RequestDraft, requestOf, withParameters, withQuery } from './request-draft.ts';
import type { RequestTools } from './request-tools.ts';
import type { TokenGrant } from './token-grant.ts';

export type { TokenGrant } from './token-grant.ts';

/** What dates and numbers a token request, and the nonce that its proof holds (RFC 9449, section 8). */
export interface TokenRequestTools extends RequestTools {
  readonly nonce?: string | null;
}

const GRANT_TYPE_OF = {
  'client-credentials': 'client_credentials',
  'jwt-bearer': 'urn:ietf:params:oauth:grant-type:jwt-bearer',
  'token-exchange': 'urn:ietf:params:oauth:grant-type:token-exchange',
  password: 'password',
} as const;

/**
 * The request for a token set (RFC 6749, sections 4.1.3, 4.3.2, 4.4.2 and 6; RFC 7523, section 2.1; RFC 8628, section
 * 3.4; RFC 8693, section 2.1), with every header that goes on the wire but `host` and `content-length`. Two are never
 * the same: assertions and proofs in it serve once. Throws `Misconfigured` where something it takes is missing or does
 * not do, or the address is unsafe.
 */
export async function tokenRequest(
  settings: OAuth2Settings,
  secrets: AuthSecrets,
  grant: TokenGrant,
  tools: TokenRequestTools,
): Promise<OutboundRequest> {
  const fields = grantFields(settings, secrets, grant, tools);
  const auth = hasSecretInQuery(settings) ? inQuery : clientAuthOf(settings, secrets, tools);
  const plain = await captured(settings.tokenUrl, (options) => build(settings, auth, grant, fields, options));

  const phase = grant.kind === 'refresh' ? 'refresh' : 'token';
  const proven = withProof(withClient(draftOf(plain), settings, secrets), settings, secrets, tools);
  const parameters = settings.parameters.filter((parameter) => parameter.phase === phase);
  return requestOf(withParameters(proven, parameters), settings.quirks.jsonBody);
}

function build(
  settings: OAuth2Settings,
  auth: oauth.ClientAuth,
  grant: TokenGrant,
  fields: URLSearchParams,
  options: BuildOptions,
): Promise<Response> {
  const server = serverOf(settings);
  const client = clientOf(settings);
  const more = { ...options, additionalParameters: fields };
  switch (grant.kind) {
    case 'refresh':
      return oauth.refreshTokenGrantRequest(server, client, auth, grant.refreshToken, more);
    case 'device':
      return oauth.deviceCodeGrantRequest(server, client, auth, grant.deviceCode, more);
    case 'code': {
      const { callback, redirectUri, verifier } = grant;
      return oauth.authorizationCodeGrantRequest(server, client, auth, callback, redirectUri, verifier, more);
    }
    default:
      return oauth.genericTokenEndpointRequest(server, client, auth, GRANT_TYPE_OF[grant.kind], fields, options);
  }
}

/** Only a secret, or no proof at all, can stand in a query. */
function hasSecretInQuery({ quirks, clientAuthentication }: OAuth2Settings): boolean {
  return quirks.secretInQuery && /^(none|client_secret_(basic|post))$/.test(clientAuthentication);
}

const inQuery: oauth.ClientAuth = () => undefined;

function withClient(draft: RequestDraft, settings: OAuth2Settings, secrets: AuthSecrets): RequestDraft {
  if (!hasSecretInQuery(settings)) return draft;
  const secret = settings.clientAuthentication === 'none' ? [] : [['client_secret', clientSecretOf(secrets)] as const];
  return { ...draft, url: withQuery(draft.url, [['client_id', settings.clientId], ...secret]) };
}

function withProof(
  draft: RequestDraft,
  { dpop }: OAuth2Settings,
  { dpopKey }: AuthSecrets,
  { nonce = null, ...tools }: TokenRequestTools,
): RequestDraft {
  if (!dpop) return draft;
  if (!dpopKey) throw new Misconfigured('This connection has no key that tokens can be bound to. Save it once more.');
  const proof = dpopProof(dpopKey, { method: 'POST', url: draft.url, nonce }, tools);
  return { ...draft, headers: [...draft.headers, ['dpop', proof]] };
}
