import * as oauth from 'oauth4webapi';
import type { OAuth2Settings } from '../kernel/auth.ts';
import { Misconfigured } from '../kernel/errors.ts';
import type { OutboundRequest } from '../kernel/exchange.ts';
import { endpointFault } from './endpoint-url.ts';

const USER_AGENT = 'callbook';

/** The settings in the words of oauth4webapi. An issuer that nobody told us is the token endpoint's origin. */
export function serverOf(settings: OAuth2Settings): oauth.AuthorizationServer {
  return {
    issuer: settings.issuer ?? URL.parse(settings.tokenUrl)?.origin ?? settings.tokenUrl,
    token_endpoint: settings.tokenUrl,
    ...(settings.authorizationUrl !== null && { authorization_endpoint: settings.authorizationUrl }),
    ...(settings.revocationUrl !== null && { revocation_endpoint: settings.revocationUrl }),
  };
}

/** The client in the words of oauth4webapi. */
export function clientOf(settings: OAuth2Settings): oauth.Client {
  return { client_id: settings.clientId };
}

/** What oauth4webapi wants of a transport; ours writes the request down and sends nothing. */
export type BuildOptions = oauth.HttpRequestOptions<'POST', URLSearchParams>;

/**
 * Runs one of oauth4webapi's `…Request` functions against `endpoint` and gives back what it would have sent.
 * Throws `Misconfigured` for an address that no secret may go to.
 */
export async function captured(
  endpoint: string,
  build: (options: BuildOptions) => Promise<Response>,
): Promise<OutboundRequest> {
  const fault = endpointFault(endpoint);
  if (fault) throw new Misconfigured(fault);

  const { promise, resolve } = Promise.withResolvers<OutboundRequest>();
  await build({
    headers: { 'user-agent': USER_AGENT },
    [oauth.allowInsecureRequests]: URL.parse(endpoint)?.protocol === 'http:',
    [oauth.customFetch]: async (url, { method, headers, body }) => {
      resolve({ method, url, headers: Object.entries(headers), body: new TextEncoder().encode(String(body)) });
      return new Response(null);
    },
  });
  return promise;
}
