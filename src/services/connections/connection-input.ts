import { z } from 'zod';
import { CLIENT_AUTHENTICATIONS, GRANT_TYPES, type AuthSecrets, type AuthSettings } from '../../kernel/auth.ts';
import { type FieldFault, InvalidInput } from '../../kernel/errors.ts';

/** Words that routes of ours stand on. */
const TAKEN_SLUGS = ['new'];

const httpUrl = z
  .string()
  .trim()
  .max(2048, 'A URL has at most 2,048 characters.')
  .refine(isHttpUrl, 'Write an absolute http or https URL, without a user name, password or fragment.');

const origin = httpUrl.refine(
  (text) => new URL(text).origin === text,
  'Write an origin such as https://files.example.org, without a path.',
);

/** A secret: text sets it, `{"set": true}` or nothing keeps it, null clears it. */
const secret = z
  .union([
    z.string().min(1, 'Write the secret, or leave it out to keep the one held.').max(16_384),
    z.strictObject({ set: z.literal(true) }).transform(() => undefined),
    z.null(),
  ])
  .optional();

const seconds = z
  .int('Write whole seconds.')
  .min(0)
  .max(86_400 * 90)
  .nullable()
  .default(null);
const text = (most: number, what: string) => z.string().trim().min(1, `Write ${what}.`).max(most);
const url = httpUrl.nullable().default(null);

const oauth2 = z.strictObject({
  type: z.literal('oauth2'),
  grantType: z.enum(GRANT_TYPES, 'Choose a grant type.'),
  tokenUrl: httpUrl,
  authorizationUrl: url,
  revocationUrl: url,
  issuer: url,
  clientId: text(1024, 'the client id'),
  clientSecret: secret,
  clientAuthentication: z
    .enum(CLIENT_AUTHENTICATIONS, 'Choose how the client proves itself.')
    .default('client_secret_basic'),
  scope: z.string().trim().max(4096).nullable().default(null),
  refreshToken: secret,
  accessToken: secret,
  expiresIn: seconds,
  marginSeconds: seconds,
  replaySeconds: seconds,
});

const auth = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('none') }),
  z.strictObject({ type: z.literal('basic'), username: text(1024, 'the user name'), password: secret }),
  z.strictObject({ type: z.literal('bearer'), token: secret }),
  z.strictObject({
    type: z.literal('apiKey'),
    in: z.enum(['header', 'query', 'cookie'], 'Choose where the key goes.'),
    name: text(120, 'the name that the key goes under').regex(
      /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/,
      'Use letters, digits and hyphens only.',
    ),
    value: secret,
  }),
  oauth2,
]);

/** A connection as a person or a program describes it (product words; see `docs/`). */
export const connectionInput = z.strictObject({
  name: text(120, 'a name'),
  slug: z
    .string()
    .trim()
    .max(60)
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'Use lower-case letters, digits and single hyphens.')
    .refine((slug) => !TAKEN_SLUGS.includes(slug), 'This word is taken; choose another.')
    .optional(),
  baseUrl: httpUrl.refine(
    (value) => !value.includes('?'),
    'The base URL has no query; put it into the path of a call.',
  ),
  origins: z.array(origin).max(20).default([]),
  headers: z
    .array(z.tuple([z.string(), z.string()]))
    .max(50)
    .default([]),
  timeoutMs: z.int('Write whole milliseconds.').min(100).max(300_000).default(30_000),
  width: z.int('Write a whole number.').min(1).max(256).default(8),
  resendUnsafeOn401: z.boolean().default(true),
  keepAlive: z.boolean().default(false),
  maskNames: z.array(z.string().trim().toLowerCase().min(1).max(120)).max(100).default([]),
  unmaskNames: z.array(z.string().trim().toLowerCase().min(1).max(120)).max(100).default([]),
  auth,
});

export type ConnectionInput = z.infer<typeof connectionInput>;

/** Checks a description. Throws `InvalidInput` with a pointer and a sentence a fault. */
export function readConnectionInput(value: unknown): ConnectionInput {
  const read = connectionInput.safeParse(value);
  if (!read.success) throw new InvalidInput(read.error.issues.map(faultOf));
  return read.data;
}

/** What comes of a description: the settings without secrets, the secrets by name, and the tokens that were pasted. */
export interface AuthParts {
  readonly settings: AuthSettings;
  readonly secrets: { readonly [name in keyof AuthSecrets]: string | null | undefined };
  readonly pasted: {
    readonly accessToken: string | null;
    readonly refreshToken: string | null;
    readonly expiresIn: number | null;
  };
}

const NOTHING_PASTED = { accessToken: null, refreshToken: null, expiresIn: null };

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
      const { clientSecret, refreshToken, accessToken, expiresIn, ...settings } = input;
      const pasted = { accessToken: accessToken ?? null, refreshToken: refreshToken ?? null, expiresIn };
      return { settings: { ...settings, scope: settings.scope || null }, secrets: { clientSecret }, pasted };
    }
  }
}

function isHttpUrl(value: string): boolean {
  const parsed = URL.parse(value);
  return (
    parsed !== null && /^https?:$/.test(parsed.protocol) && !parsed.username && !parsed.password && !value.includes('#')
  );
}

function faultOf({ path, message }: z.core.$ZodIssue): FieldFault {
  return { pointer: path.map((part) => `/${String(part)}`).join(''), detail: message };
}
