import * as oauth from 'oauth4webapi';
import type { AuthSecrets, OAuth2Settings } from '../kernel/auth.ts';
import { Misconfigured } from '../kernel/errors.ts';
import { clientAssertion, clientSecretOf, missing } from './assertion.ts';
import type { RequestTools } from './request-tools.ts';

/** RFC 7523, section 2.2. */
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/**
 * How the client proves itself, at every endpoint of its provider (RFC 6749, section 2.3; RFC 7523, section 2.2;
 * RFC 8705, section 2: there the transport shows the certificate). Throws `Misconfigured` where what it proves itself
 * with is missing or does not do.
 */
export function clientAuthOf(settings: OAuth2Settings, secrets: AuthSecrets, tools: RequestTools): oauth.ClientAuth {
  switch (settings.clientAuthentication) {
    case 'client_secret_basic':
      return oauth.ClientSecretBasic(clientSecretOf(secrets));
    case 'client_secret_post':
      return oauth.ClientSecretPost(clientSecretOf(secrets));
    case 'client_secret_jwt':
    case 'private_key_jwt':
      return asserted(clientAssertion(settings, secrets, tools));
    case 'tls_client_auth':
    case 'self_signed_tls_client_auth':
      if (!secrets.certificate || !secrets.certificateKey) throw new Misconfigured(missing('client certificate'));
      return oauth.TlsClientAuth();
    case 'none':
      return oauth.None();
  }
}

/** The `client_id` is sent along: servers find the client by it before they look at the assertion. */
function asserted(assertion: string): oauth.ClientAuth {
  return (_server, client, body) => {
    body.set('client_id', client.client_id);
    body.set('client_assertion_type', ASSERTION_TYPE);
    body.set('client_assertion', assertion);
  };
}
