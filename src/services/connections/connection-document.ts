import type { AuthSecrets, AuthSettings } from '../../kernel/auth.ts';
import type { Connection } from '../../model/connection.ts';
import type { HeldTokens } from './pasted-grant.ts';
import { publicJwksOf } from './public-jwks.ts';

/** Stands for a secret that is held and never shown; null where there is none. */
export type SecretMark = { readonly set: true } | null;

/**
 * A connection as programs see it (product words), with a mark for each secret. Times are ISO 8601. Given back as a
 * description, without its times, it changes nothing.
 */
export function connectionDocument(connection: Connection, secrets: AuthSecrets, tokens: HeldTokens) {
  const { name, slug, baseUrl, origins, headers, timeoutMs, width, resendUnsafeOn401, keepAlive } = connection;
  const { maskNames, unmaskNames, auth, createdAt, updatedAt } = connection;
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
    certificateAuthorities: connection.certificateAuthorities ?? null,
    auth: authDocument(auth, secrets, tokens),
    publicJwks: publicJwksOf(auth, secrets),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}
export type ConnectionDocument = ReturnType<typeof connectionDocument>;

function authDocument(auth: AuthSettings, secrets: AuthSecrets, tokens: HeldTokens) {
  const mark = (isHeld: boolean): SecretMark => (isHeld ? { set: true } : null);
  const held = (name: keyof AuthSecrets) => mark(secrets[name] !== undefined);
  switch (auth.type) {
    case 'none':
      return { type: auth.type };
    case 'basic':
      return { type: auth.type, username: auth.username, password: held('password') };
    case 'bearer':
      return { type: auth.type, token: held('token') };
    case 'apiKey':
      return { type: auth.type, in: auth.in, name: auth.name, value: held('value') };
    case 'oauth2':
      return {
        type: auth.type,
        grantType: auth.grantType,
        tokenUrl: auth.tokenUrl,
        authorizationUrl: auth.authorizationUrl,
        revocationUrl: auth.revocationUrl,
        introspectionUrl: auth.introspectionUrl,
        deviceAuthorizationUrl: auth.deviceAuthorizationUrl,
        pushedAuthorizationUrl: auth.pushedAuthorizationUrl,
        issuer: auth.issuer,
        requiresIss: auth.requiresIss,
        clientId: auth.clientId,
        clientSecret: held('clientSecret'),
        clientAuthentication: auth.clientAuthentication,
        privateKey: held('privateKey'),
        keyId: auth.keyId,
        signingAlgorithm: auth.signingAlgorithm,
        assertionAudience: auth.assertionAudience,
        certificate: held('certificate'),
        certificateKey: held('certificateKey'),
        dpop: auth.dpop,
        scope: auth.scope,
        resource: auth.resource,
        audience: auth.audience,
        parameters: auth.parameters,
        username: auth.username,
        password: held('password'),
        assertionClaims: auth.assertionClaims,
        subjectToken: held('subjectToken'),
        subjectTokenType: auth.subjectTokenType,
        actorToken: held('actorToken'),
        actorTokenType: auth.actorTokenType,
        requestedTokenType: auth.requestedTokenType,
        quirks: auth.quirks,
        refreshToken: mark(tokens.refreshToken),
        accessToken: mark(tokens.accessToken),
        /** Only comes with an access token that is pasted; the grant tells when the one held ends. */
        expiresIn: null,
        marginSeconds: auth.marginSeconds,
        replaySeconds: auth.replaySeconds,
      };
  }
}
