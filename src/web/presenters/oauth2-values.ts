import type { OAuth2Settings } from '../../kernel/auth.ts';
import { parameterLines } from '../forms/parameter-lines.ts';

/** The OAuth 2 settings as the connection form's fields hold them. */
export function oauth2Values(auth: OAuth2Settings) {
  const { assertionClaims: claims, quirks } = auth;
  return {
    authType: 'oauth2',
    grantType: auth.grantType,
    tokenUrl: auth.tokenUrl,
    authorizationUrl: auth.authorizationUrl ?? '',
    deviceAuthorizationUrl: auth.deviceAuthorizationUrl ?? '',
    pushedAuthorizationUrl: auth.pushedAuthorizationUrl ?? '',
    revocationUrl: auth.revocationUrl ?? '',
    introspectionUrl: auth.introspectionUrl ?? '',
    issuer: auth.issuer ?? '',
    requiresIss: auth.requiresIss,
    clientId: auth.clientId,
    clientAuthentication: auth.clientAuthentication,
    keyId: auth.keyId ?? '',
    signingAlgorithm: auth.signingAlgorithm ?? '',
    assertionAudience: auth.assertionAudience,
    dpop: auth.dpop,
    scope: auth.scope ?? '',
    resource: auth.resource.join('\n'),
    audience: auth.audience ?? '',
    parameters: parameterLines(auth.parameters),
    grantUsername: auth.username ?? '',
    assertionClaims: Object.keys(claims).length === 0 ? '' : JSON.stringify(claims, null, 2),
    subjectTokenType: auth.subjectTokenType ?? '',
    actorTokenType: auth.actorTokenType ?? '',
    requestedTokenType: auth.requestedTokenType ?? '',
    jsonBody: quirks.jsonBody,
    secretInQuery: quirks.secretInQuery,
    tokenPath: quirks.tokenPath ?? '',
    expiresInMs: quirks.expiresInMs,
    marginSeconds: auth.marginSeconds?.toString() ?? '',
    replaySeconds: auth.replaySeconds?.toString() ?? '',
  };
}
