import { z } from 'zod';
import {
  ASSERTION_AUDIENCES,
  CLIENT_AUTHENTICATIONS,
  GRANT_TYPES,
  PARAMETER_PHASES,
  PARAMETER_PLACES,
  SIGNING_ALGORITHMS,
} from '../../../kernel/auth.ts';
import { connectionInput } from '../../../services/connections/connection-input.ts';
import { connectionPatch } from '../../../services/connections/connection-patch.ts';
import { cursorOf, limit, listOf } from './list.ts';

const moment = z.iso.datetime().meta({ description: 'ISO 8601, in UTC.' });
const url = z.url().nullable();
const text = z.string().nullable();
const claim = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]);
const seconds = z.int().nullable();

const mark = z
  .strictObject({ set: z.literal(true) })
  .nullable()
  .meta({
    id: 'HeldSecret',
    description: 'Stands for a secret that is held, and is never shown; null where there is none.',
  });

const shownAuth = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('none') }).meta({ id: 'NoAuth' }),
  z
    .strictObject({ type: z.literal('basic'), username: z.string(), password: mark })
    .meta({ id: 'BasicAuth', description: 'A user name and a password (RFC 7617).' }),
  z
    .strictObject({ type: z.literal('bearer'), token: mark })
    .meta({ id: 'BearerAuth', description: 'A token that does not change (RFC 6750).' }),
  z
    .strictObject({
      type: z.literal('apiKey'),
      in: z.enum(['header', 'query', 'cookie']),
      name: z.string(),
      value: mark,
    })
    .meta({ id: 'ApiKeyAuth' }),
  z
    .strictObject({
      type: z.literal('oauth2'),
      grantType: z.enum(GRANT_TYPES),
      tokenUrl: z.url(),
      authorizationUrl: url,
      revocationUrl: url.meta({ description: 'RFC 7009.' }),
      introspectionUrl: url.meta({ description: 'RFC 7662.' }),
      deviceAuthorizationUrl: url.meta({ description: 'RFC 8628.' }),
      pushedAuthorizationUrl: url.meta({ description: 'RFC 9126: where it is given, consents begin there.' }),
      issuer: url,
      requiresIss: z.boolean().meta({ description: 'Whether a callback has to name the issuer (RFC 9207).' }),
      clientId: z.string(),
      clientSecret: mark,
      clientAuthentication: z.enum(CLIENT_AUTHENTICATIONS),
      privateKey: mark.meta({ description: 'Signs assertions; made by Callbook where none is given.' }),
      keyId: text,
      signingAlgorithm: z.enum(SIGNING_ALGORITHMS).nullable(),
      assertionAudience: z.enum(ASSERTION_AUDIENCES),
      certificate: mark.meta({ description: 'What a TLS client shows (RFC 8705).' }),
      certificateKey: mark,
      dpop: z.boolean().meta({ description: 'Whether tokens are bound to a key (RFC 9449).' }),
      scope: text,
      resource: z.array(z.string()).meta({ description: 'RFC 8707.' }),
      audience: text,
      parameters: z.array(
        z.strictObject({
          phase: z.enum(PARAMETER_PHASES),
          in: z.enum(PARAMETER_PLACES),
          name: z.string(),
          value: z.string(),
        }),
      ),
      username: text,
      password: mark,
      assertionClaims: z.record(z.string(), claim).meta({ description: 'Of the assertion of RFC 7523.' }),
      subjectToken: mark.meta({ description: 'What is exchanged (RFC 8693).' }),
      subjectTokenType: text,
      actorToken: mark,
      actorTokenType: text,
      requestedTokenType: text,
      quirks: z
        .strictObject({
          jsonBody: z.boolean(),
          secretInQuery: z.boolean(),
          tokenPath: text,
          expiresInMs: z.boolean(),
        })
        .meta({ description: 'Where the provider departs from the standard.' }),
      refreshToken: mark,
      accessToken: mark,
      expiresIn: z
        .null()
        .meta({ description: 'Comes with an `accessToken` that is written; the grant tells when it ends.' }),
      marginSeconds: seconds.meta({
        description: 'How long before its end a token counts as stale; null is the usual.',
      }),
      replaySeconds: seconds.meta({ description: 'How long the provider is known to take a spent refresh token.' }),
    })
    .meta({ id: 'OAuth2Auth' }),
]);

/** A connection as it is shown: a mark stands for every secret. */
export const connection = z
  .strictObject({
    name: z.string(),
    slug: z.string().meta({ description: 'Its name in URLs.' }),
    baseUrl: z.url().meta({ description: 'What the paths of calls are below.' }),
    origins: z
      .array(z.string())
      .meta({ description: 'Origins besides the base URL’s that the credentials may go to.' }),
    headers: z
      .array(z.tuple([z.string(), z.string()]))
      .meta({ description: 'Sent with every call: names and values.' }),
    timeoutMs: z.int().meta({ description: 'A call’s deadline, in milliseconds.' }),
    width: z.int().meta({ description: 'How many calls may be in flight at once.' }),
    resendUnsafeOn401: z
      .boolean()
      .meta({ description: 'Whether calls that change something are sent again with a renewed token after a 401.' }),
    keepAlive: z.boolean().meta({ description: 'Whether the grant is renewed though nobody calls.' }),
    maskNames: z.array(z.string()).meta({ description: 'More names to mask in what is recorded.' }),
    unmaskNames: z.array(z.string()).meta({ description: 'Names an owner exempted from masking.' }),
    certificateAuthorities: text.meta({
      description: 'Certificates in PEM that its servers may be known by besides the system’s.',
    }),
    auth: shownAuth.meta({ description: 'How calls are authorised.' }),
    publicJwks: z
      .strictObject({ keys: z.array(z.record(z.string(), z.string())) })
      .nullable()
      .meta({
        description:
          'The public half of the key that signs assertions, to be registered with the provider (RFC 7517); null where there is none.',
      }),
    createdAt: moment,
    updatedAt: moment,
  })
  .meta({ id: 'Connection', description: 'An API we call. It holds at most one grant.' });

/** A page of connections. */
export const connectionList = listOf('ConnectionList', connection);

/** The query of the list. */
export const connectionQuery = z.object({ cursor: cursorOf(z.tuple([z.string(), z.string()])), limit });

/** Which connection, in a path. */
export const connectionPath = z.object({
  slug: z.string().meta({ description: 'The connection’s slug.', examples: ['partner'] }),
});

/** A new connection, as a component. */
export const newConnection = connectionInput.meta({
  id: 'NewConnection',
  description: 'Secrets are written here and never shown again. Without a `slug`, one is made from the name.',
});

/** Changes of a connection, as a component. */
export const connectionChanges = connectionPatch.meta({
  id: 'ConnectionChanges',
  description:
    'A JSON Merge Patch (RFC 7396): what is left out stays, null takes away or goes back to the default, a list is ' +
    'replaced as a whole. `{"set": true}` for a secret means unchanged. Another `auth.type` replaces all of `auth`.',
});
