import * as oauth from 'oauth4webapi';
import type { AuthSecrets, OAuth2Settings } from '../kernel/auth.ts';
import { Misconfigured } from '../kernel/errors.ts';
import type { CallResult, OutboundRequest } from '../kernel/exchange.ts';
import { clientAuthOf } from './client-authentication.ts';
import { captured, clientOf, serverOf } from './provider.ts';
import { quotedCode, quoteFor } from './provider-words.ts';
import type { RequestTools } from './request-tools.ts';
import { fieldsOf } from './token-fields.ts';

/** What came of a revocation. `detail` is one sentence for people, without a secret. */
export type RevocationReply =
  { readonly kind: 'revoked' } | { readonly kind: 'failed'; readonly code: string; readonly detail: string };

/**
 * The request that gives a token back (RFC 7009, section 2.1). Throws `Misconfigured` where the connection has no
 * revocation URL, no client secret, or an address that no secret may go to.
 */
export async function revocationRequest(
  settings: OAuth2Settings,
  secrets: AuthSecrets,
  token: string,
  hint: 'access_token' | 'refresh_token',
  tools: RequestTools,
): Promise<OutboundRequest> {
  if (!settings.revocationUrl) throw new Misconfigured('This connection has no revocation URL.');

  const auth = clientAuthOf(settings, secrets, tools);
  return captured(settings.revocationUrl, (options) =>
    oauth.revocationRequest(serverOf(settings), clientOf(settings), auth, token, {
      ...options,
      additionalParameters: { token_type_hint: hint },
    }),
  );
}

/** What came of it (RFC 7009, section 2.2): any 2xx is a yes, and a token the provider does not know is one too. */
export function readRevocationReply({ outcome, request }: CallResult): RevocationReply {
  if (outcome.kind === 'failed') return { kind: 'failed', code: outcome.reason, detail: outcome.detail };
  if (outcome.status >= 200 && outcome.status < 300) return { kind: 'revoked' };

  const code = quotedCode(quoteFor(request), fieldsOf(outcome)?.['error']) ?? `http-${outcome.status}`;
  return { kind: 'failed', code, detail: `The provider did not take the token back (${outcome.status}, ${code}).` };
}
