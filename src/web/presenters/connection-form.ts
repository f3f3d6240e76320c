import { CLIENT_AUTHENTICATIONS, GRANT_TYPES } from '../../kernel/auth.ts';
import type { FieldFault } from '../../kernel/errors.ts';
import { mayAct, type Role } from '../../kernel/role.ts';
import {
  SECRET_FIELDS,
  TEXT_FIELDS,
  TICK_FIELDS,
  type ConnectionValues,
  type SecretField,
} from './connection-values.ts';
import { faultsByField } from './field-faults.ts';

/** What the form is made of: `slug` is null for a new connection, `held` names the secrets that are kept already. */
export interface ConnectionFormParts {
  readonly slug: string | null;
  readonly name: string | null;
  readonly values: ConnectionValues;
  readonly faults: readonly FieldFault[];
  readonly held: readonly SecretField[];
  readonly role: Role;
  /** The one redirect URI to register with the provider. */
  readonly redirectUri: string;
}

const FIELDS = [...TEXT_FIELDS, ...SECRET_FIELDS, ...TICK_FIELDS];

const AUTH_TYPES = [
  ['oauth2', 'OAuth 2'],
  ['bearer', 'Bearer token'],
  ['apiKey', 'API key'],
  ['basic', 'Basic'],
  ['none', 'None'],
] as const;

const GRANT_TYPE_WORDS: Record<string, string> = {
  authorization_code: 'Authorization code (a person consents)',
  client_credentials: 'Client credentials (no person)',
  refresh_token: 'Refresh token (pasted once)',
};

const CLIENT_AUTHENTICATION_WORDS: Record<string, string> = {
  client_secret_basic: 'Basic header',
  client_secret_post: 'In the form',
  none: 'None (public client)',
};

/** What the form shows: values as typed, faults by field, and of secrets only whether they are kept. */
export function connectionForm({ slug, name, values, faults, held, role, redirectUri }: ConnectionFormParts) {
  const errors = faultsByField(faults, FIELDS);
  return {
    title: slug === null ? 'New connection' : `Edit ${name ?? slug}`,
    isNew: slug === null,
    name,
    action: slug === null ? '/connections' : `/connections/${slug}`,
    back: slug === null ? '/connections' : `/connections/${slug}`,
    values,
    errors: Object.fromEntries(FIELDS.map((field) => [field, errors[field] ?? null])),
    formError: errors[''] ?? null,
    hasErrors: faults.length > 0,
    held: Object.fromEntries(SECRET_FIELDS.map((field) => [field, held.includes(field)])),
    isOwner: mayAct(role, 'owner'),
    redirectUri,
    authTypes: options(AUTH_TYPES, values.authType),
    grantTypes: options(
      GRANT_TYPES.map((type) => [type, GRANT_TYPE_WORDS[type] ?? type]),
      values.grantType,
    ),
    clientAuthentications: options(
      CLIENT_AUTHENTICATIONS.map((way) => [way, CLIENT_AUTHENTICATION_WORDS[way] ?? way]),
      values.clientAuthentication,
    ),
    apiKeyPlaces: options(
      [
        ['header', 'Header'],
        ['query', 'Query'],
        ['cookie', 'Cookie'],
      ],
      values.apiKeyIn,
    ),
  };
}
export type ConnectionForm = ReturnType<typeof connectionForm>;

function options(known: readonly (readonly [string, string])[], chosen: string) {
  return known.map(([value, text]) => ({ value, text, isChosen: value === chosen }));
}
