import * as oauth from 'oauth4webapi';
import type { AuthSecrets, OAuth2Settings } from '../kernel/auth.ts';
import { Misconfigured } from '../kernel/errors.ts';
import type { OutboundRequest } from '../kernel/exchange.ts';
import { clientAuthOf } from './client-authentication.ts';
import { type JwtMember, membersOf } from './jwt-claims.ts';
import { captured, clientOf, serverOf } from './provider.ts';
import type { RequestTools } from './request-tools.ts';
import { jsonFields } from './token-fields.ts';

/** What a provider says of a token. Only `isActive` is to be trusted; the other members are shown and no more. */
export type IntrospectionReply =
  | { readonly kind: 'told'; readonly isActive: boolean; readonly members: readonly JwtMember[] }
  | { readonly kind: 'failed'; readonly detail: string };

/**
 * The request that asks whether a token is good (RFC 7662, section 2.1). Throws `Misconfigured` where the connection has
 * no introspection URL, nothing to prove itself with, or an address that no secret may go to.
 */
export async function introspectionRequest(
  settings: OAuth2Settings,
  secrets: AuthSecrets,
  token: string,
  hint: 'access_token' | 'refresh_token',
  tools: RequestTools,
): Promise<OutboundRequest> {
  const { introspectionUrl } = settings;
  if (!introspectionUrl) throw new Misconfigured('This connection has no introspection URL.');

  const auth = clientAuthOf(settings, secrets, tools);
  const server = { ...serverOf(settings), introspection_endpoint: introspectionUrl };
  return captured(introspectionUrl, (options) =>
    oauth.introspectionRequest(server, clientOf(settings), auth, token, {
      ...options,
      additionalParameters: { token_type_hint: hint },
    }),
  );
}

/**
 * What came of it (RFC 7662, section 2.2), from the answer's status and body. An answer that does not say `active` in so
 * many words says nothing.
 */
export function readIntrospection(status: number, body: Uint8Array): IntrospectionReply {
  if (status === 401)
    return failed('The provider does not let this client ask (401). Check how the client proves itself.');
  if (status !== 200) return failed(`The provider did not say (${status}).`);
  const fields = jsonFields(new TextDecoder().decode(body));
  if (fields === null) return failed('The provider answered with something that cannot be read as JSON.');
  const { active, ...others } = fields;
  if (typeof active !== 'boolean') return failed('The provider’s answer does not say whether the token is active.');
  return { kind: 'told', isActive: active, members: shown(others) };
}

/** Half a page of nested members is no fact about a token. */
function shown(others: Readonly<Record<string, unknown>>): JwtMember[] {
  try {
    return membersOf(others);
  } catch {
    return [];
  }
}

function failed(detail: string): IntrospectionReply {
  return { kind: 'failed', detail };
}
