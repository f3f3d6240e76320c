import * as oauth from 'oauth4webapi';
import type { AuthSecrets, OAuth2Settings } from '../kernel/auth.ts';
import type { OutboundRequest } from '../kernel/exchange.ts';
import { captured, clientAuthOf, clientOf, serverOf } from './provider.ts';

/** What a token set is asked for with. `callback` is what `readCallback` gave, in this very process. */
export type TokenGrant =
  | { readonly kind: 'refresh'; readonly refreshToken: string; readonly scope?: string }
  | { readonly kind: 'client-credentials' }
  | {
      readonly kind: 'code';
      readonly callback: URLSearchParams;
      readonly verifier: string;
      readonly redirectUri: string;
    };

/**
 * The request for a token set (RFC 6749, sections 4.1.3, 4.4.2 and 6), with every header that goes on the wire but
 * `host` and `content-length`. Throws `Misconfigured` where the client secret is missing or the address is unsafe.
 */
export async function tokenRequest(
  settings: OAuth2Settings,
  secrets: AuthSecrets,
  grant: TokenGrant,
): Promise<OutboundRequest> {
  const server = serverOf(settings);
  const client = clientOf(settings);
  const auth = clientAuthOf(settings, secrets);

  return captured(settings.tokenUrl, (options) => {
    if (grant.kind === 'refresh') {
      const scope = grant.scope && { additionalParameters: { scope: grant.scope } };
      return oauth.refreshTokenGrantRequest(server, client, auth, grant.refreshToken, { ...options, ...scope });
    }
    if (grant.kind === 'client-credentials') {
      const scope = settings.scope ? { scope: settings.scope } : {};
      return oauth.clientCredentialsGrantRequest(server, client, auth, scope, options);
    }
    const { callback, redirectUri, verifier } = grant;
    return oauth.authorizationCodeGrantRequest(server, client, auth, callback, redirectUri, verifier, options);
  });
}
