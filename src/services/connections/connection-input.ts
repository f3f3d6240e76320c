import { z } from 'zod';
import {
  ASSERTION_AUDIENCES,
  type AuthSecrets,
  type AuthSettings,
  CLIENT_AUTHENTICATIONS,
  GRANT_TYPES,
  PARAMETER_PHASES,
  PARAMETER_PLACES,
  SIGNING_ALGORITHMS,
  USUAL_OAUTH2,
} from '../../kernel/auth.ts';
import { readBy } from '../../kernel/field-faults.ts';

/** Words that routes of ours stand on. */
const TAKEN_SLUGS = ['new'];
// oxlint-disable-next-line no-control-regex -- it is these that are looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

const httpUrl = z
  .string()
  .trim()
  .max(2048, 'A URL has at most 2,048 characters.')
  .refine(isHttpUrl, 'Write an absolute http or https URL, without a user name, password or fragment.');

const origin = z
  .string()
  .trim()
  .max(2048, 'An origin has at most 2,048 characters.')
  .refine(
    (text) => isHttpUrl(text) && new URL(text).origin === text,
    'Write an origin such as https://files.example.org, in lower case and without a path.',
  );

/** A secret: text sets it, `{"set": true}` or nothing keeps it, null clears it. */
const secret = z
  .union(
    [
      z
        .string()
        .min(1, 'Write the secret, or leave it out to keep the one held.')
        .max(16_384, 'A secret has at most 16,384 characters.')
        .refine((written) => written.isWellFormed(), 'This holds half of a character.'),
      z.strictObject({ set: z.literal(true) }).transform(() => undefined),
      z.null(),
    ],
    'Write the secret as text.',
  )
  .optional();

const whole = (least: number, most: number, what: string) => {
  const range = `${what} between ${least.toLocaleString('en')} and ${most.toLocaleString('en')}.`;
  return z.int(range).min(least, range).max(most, range);
};
const seconds = whole(0, 86_400 * 90, 'Write whole seconds')
  .nullable()
  .default(null);
const text = (most: number, what: string) =>
  z
    .string()
    .trim()
    .min(1, `Write ${what}.`)
    .max(most, `At most ${most.toLocaleString('en')} characters fit here.`);
const maskedNames = z.array(text(120, 'a name').toLowerCase()).max(100, 'At most 100 names fit here.');
const url = httpUrl.nullable().default(null);

const optionalText = (most: number) => text(most, 'it, or leave it out').nullable().default(null);

/** RFC 8707, section 2: an absolute URI of whatever scheme, without a fragment. */
const resource = z
  .string()
  .trim()
  .max(2048, 'A resource has at most 2,048 characters.')
  .refine(
    (uri) => /^[a-z][a-z0-9+.-]*:[\x21-\x7e]+$/i.test(uri) && !uri.includes('#'),
    'Write an absolute URI such as https://api.example.org/ or urn:example:orders, without a fragment.',
  );

const parameter = z.strictObject({
  phase: z.enum(PARAMETER_PHASES, 'Choose with which request it is sent: authorize, token or refresh.'),
  in: z.enum(PARAMETER_PLACES, 'Choose where it stands: query, body or header.'),
  name: z
    .string()
    .max(120, 'A name has at most 120 characters.')
    .regex(/^[\x21-\x3c\x3e-\x7e]+$/, 'Write a name of plain characters, without spaces and =.'),
  value: z
    .string()
    .max(4096, 'A value has at most 4,096 characters.')
    .refine(
      (value) => !CONTROL.test(value) && value.isWellFormed(),
      'A value holds no line breaks and no other control characters.',
    ),
});

const claim = z.union(
  [z.string(), z.number(), z.boolean(), z.array(z.string())],
  'A claim is a text, a number, true, false or a list of texts.',
);

const quirks = z.strictObject({
  jsonBody: z.boolean().default(false),
  secretInQuery: z.boolean().default(false),
  tokenPath: optionalText(200),
  expiresInMs: z.boolean().default(false),
});

const oauth2 = z.strictObject({
  type: z.literal('oauth2'),
  grantType: z.enum(GRANT_TYPES, 'Choose a grant type.'),
  tokenUrl: httpUrl,
  authorizationUrl: url,
  revocationUrl: url,
  introspectionUrl: url,
  deviceAuthorizationUrl: url,
  pushedAuthorizationUrl: url,
  issuer: url,
  requiresIss: z.boolean().default(false),
  clientId: text(1024, 'the client id'),
  clientSecret: secret,
  clientAuthentication: z
    .enum(CLIENT_AUTHENTICATIONS, 'Choose how the client proves itself.')
    .default('client_secret_basic'),
  privateKey: secret,
  keyId: optionalText(200),
  signingAlgorithm: z.enum(SIGNING_ALGORITHMS, 'Choose how assertions are signed.').nullable().default(null),
  assertionAudience: z.enum(ASSERTION_AUDIENCES, 'Choose whom assertions are for.').default('issuer'),
  certificate: secret,
  certificateKey: secret,
  dpop: z.boolean().default(false),
  scope: z.string().trim().max(4096, 'At most 4,096 characters fit here.').nullable().default(null),
  resource: z.array(resource).max(20, 'At most 20 resources fit here.').default([]),
  audience: optionalText(2048),
  parameters: z.array(parameter).max(50, 'At most 50 parameters fit here.').default([]),
  username: optionalText(1024),
  password: secret,
  assertionClaims: z.record(z.string(), claim, 'Write the claims as a JSON object.').default({}),
  subjectToken: secret,
  subjectTokenType: optionalText(200),
  actorToken: secret,
  actorTokenType: optionalText(200),
  requestedTokenType: optionalText(200),
  quirks: quirks.default(USUAL_OAUTH2.quirks),
  refreshToken: secret,
  accessToken: secret,
  expiresIn: seconds,
  marginSeconds: seconds,
  replaySeconds: seconds,
});

const auth = z.discriminatedUnion(
  'type',
  [
    z.strictObject({ type: z.literal('none') }),
    z.strictObject({
      type: z.literal('basic'),
      username: text(1024, 'the user name').refine(
        (name) => !name.includes(':'),
        'A user name holds no colon (RFC 7617).',
      ),
      password: secret,
    }),
    z.strictObject({ type: z.literal('bearer'), token: secret }),
    z.strictObject({
      type: z.literal('apiKey'),
      in: z.enum(['header', 'query', 'cookie'], 'Choose where the key goes.'),
      name: z
        .string()
        .trim()
        .max(120, 'At most 120 characters fit here.')
        .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'Write the name that the key goes under: letters, digits, hyphens.'),
      value: secret,
    }),
    oauth2,
  ],
  'Choose how calls are authorised.',
);

/** A connection as a person or a program describes it (product words; see `docs/`). */
export const connectionInput = z.strictObject({
  name: text(120, 'a name'),
  slug: z
    .string()
    .trim()
    .max(60, 'A slug has at most 60 characters.')
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'Use lower-case letters, digits and single hyphens.')
    .refine((slug) => !TAKEN_SLUGS.includes(slug), 'This word is taken; choose another.')
    .optional(),
  baseUrl: httpUrl.refine(
    (value) => !value.includes('?'),
    'The base URL has no query; put it into the path of a call.',
  ),
  origins: z.array(origin).max(20, 'At most 20 origins fit here.').default([]),
  headers: z
    .array(z.tuple([z.string(), z.string()], 'Write each header as a name and a value.'))
    .max(50, 'At most 50 default headers fit here.')
    .default([]),
  /** The usual one, or the one it had, where it is left out. */
  timeoutMs: whole(100, 300_000, 'Write whole milliseconds').optional(),
  width: whole(1, 256, 'Write a whole number').default(8),
  resendUnsafeOn401: z.boolean().default(true),
  keepAlive: z.boolean().default(false),
  maskNames: maskedNames.default([]),
  /** Left out: as it is. */
  unmaskNames: maskedNames.optional(),
  certificateAuthorities: z.string().trim().max(32_768, 'At most 32,768 characters fit here.').nullable().default(null),
  auth,
});

export type ConnectionInput = z.infer<typeof connectionInput>;

/** Checks a description. Throws `InvalidInput` with a pointer and a sentence a fault. */
export function readConnectionInput(value: unknown): ConnectionInput {
  return readBy(connectionInput, value);
}

/** What comes of a description: the settings without secrets, the secrets by name, and the tokens that were pasted. */
export interface AuthParts {
  readonly settings: AuthSettings;
  readonly secrets: { readonly [name in keyof AuthSecrets]: string | null | undefined };
  readonly pasted: PastedTokens;
}

/** Tokens that came with a description: text is a new one, null takes away the one held, undefined leaves it. */
export interface PastedTokens {
  readonly accessToken: string | null | undefined;
  readonly refreshToken: string | null | undefined;
  /** Seconds that a pasted access token lives. */
  readonly expiresIn: number | null;
}

const NOTHING_PASTED: PastedTokens = { accessToken: undefined, refreshToken: undefined, expiresIn: null };

/** Takes an authorisation apart, so that no secret ever stands among the settings. */
export function authParts(input: ConnectionInput['auth']): AuthParts {
  switch (input.type) {
    case 'none':
      return { settings: { type: 'none' }, secrets: {}, pasted: NOTHING_PASTED };
    case 'basic':
      return {
        settings: { type: 'basic', username: input.username },
        secrets: { password: input.password },
        pasted: NOTHING_PASTED,
      };
    case 'bearer':
      return { settings: { type: 'bearer' }, secrets: { token: input.token }, pasted: NOTHING_PASTED };
    case 'apiKey':
      return {
        settings: { type: 'apiKey', in: input.in, name: input.name },
        secrets: { value: input.value },
        pasted: NOTHING_PASTED,
      };
    case 'oauth2': {
      const { clientSecret, privateKey, certificate, certificateKey, password, subjectToken, actorToken, ...rest } =
        input;
      const { refreshToken, accessToken, expiresIn, ...settings } = rest;
      return {
        settings: { ...settings, scope: settings.scope || null },
        secrets: { clientSecret, privateKey, certificate, certificateKey, password, subjectToken, actorToken },
        pasted: { accessToken, refreshToken, expiresIn },
      };
    }
  }
}

/** What a URL parser would quietly mend (white space, backslashes) is refused: people must see where a call goes. */
function isHttpUrl(value: string): boolean {
  const parsed = URL.parse(value);
  return (
    parsed !== null &&
    /^https?:$/.test(parsed.protocol) &&
    parsed.username + parsed.password === '' &&
    !/[\s\\#]/.test(value)
  );
}
