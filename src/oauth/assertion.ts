import type { AuthSecrets, OAuth2Settings } from '../kernel/auth.ts';
import { Misconfigured } from '../kernel/errors.ts';
import { epochSeconds, type RequestTools } from './request-tools.ts';
import { authenticatedJwt, publicJwkOf, signedJwt, type SigningKey, signingKey, thumbprintOf } from './signing.ts';

const CLIENT_ASSERTION_SECONDS = 60;
const GRANT_ASSERTION_SECONDS = 5 * 60;

/** RFC 10070: an assertion that is for authenticating a client and nothing else. */
const CLIENT_AUTHENTICATION = 'client-authentication+jwt';

/**
 * Proves who the client is (RFC 7523, sections 2.2 and 3; OpenID Connect Core, section 9): signed with its private key,
 * or authenticated with its secret. It lives for a minute and is used once. Throws `Misconfigured` where the key or
 * the secret is missing or does not do.
 */
export function clientAssertion(settings: OAuth2Settings, secrets: AuthSecrets, tools: RequestTools): string {
  const { clientId } = settings;
  const { aud, typ } = audienceOf(settings);
  const iat = epochSeconds(tools);
  const claims = { iss: clientId, sub: clientId, aud, iat, exp: iat + CLIENT_ASSERTION_SECONDS, jti: tools.newId() };
  if (settings.clientAuthentication === 'client_secret_jwt') {
    return authenticatedJwt(clientSecretOf(secrets), { typ }, claims);
  }
  const key = keyOf(settings, secrets);
  return signedJwt(key, { typ, kid: keyIdOf(settings, key) }, claims);
}

/**
 * The assertion that tokens are asked for with (RFC 7523, sections 2.1 and 3). The settings' own claims stand besides
 * ours or in their place. Throws `Misconfigured` where the private key is missing or does not do.
 */
export function grantAssertion(settings: OAuth2Settings, secrets: AuthSecrets, tools: RequestTools): string {
  const key = keyOf(settings, secrets);
  const iat = epochSeconds(tools);
  const usual = {
    iss: settings.clientId,
    sub: settings.clientId,
    aud: settings.tokenUrl,
    iat,
    exp: iat + GRANT_ASSERTION_SECONDS,
    jti: tools.newId(),
  };
  return signedJwt(key, { typ: 'JWT', kid: keyIdOf(settings, key) }, { ...usual, ...settings.assertionClaims });
}

/** The client's secret. Throws `Misconfigured` where there is none. */
export function clientSecretOf({ clientSecret }: AuthSecrets): string {
  if (!clientSecret) throw new Misconfigured(missing('client secret'));
  return clientSecret;
}

/** What to say where a connection lacks something that it needs. */
export function missing(what: string): string {
  return `This connection has no ${what}. Enter it in the connection’s settings.`;
}

/**
 * The issuer alone, as RFC 10070 wants it, with the type that goes with it. Servers older than that want the token
 * endpoint and a plain JWT.
 */
function audienceOf({ assertionAudience, issuer, tokenUrl }: OAuth2Settings): { aud: string; typ: string } {
  return assertionAudience === 'issuer' && issuer !== null
    ? { aud: issuer, typ: CLIENT_AUTHENTICATION }
    : { aud: tokenUrl, typ: 'JWT' };
}

function keyOf({ signingAlgorithm }: OAuth2Settings, { privateKey }: AuthSecrets): SigningKey {
  if (!privateKey) throw new Misconfigured(missing('private key'));
  return signingKey(privateKey, signingAlgorithm);
}

function keyIdOf({ keyId }: OAuth2Settings, { key }: SigningKey): string {
  return keyId ?? thumbprintOf(publicJwkOf(key));
}
