import type { FieldFault } from '../../kernel/errors.ts';
import type { PublicJwks } from '../../services/connections/public-jwks.ts';
import { connectionChoices } from './connection-choices.ts';
import {
  OAUTH2_TICKS,
  SECRET_FIELDS,
  TEXT_FIELDS,
  TICK_FIELDS,
  type ConnectionValues,
  type SecretField,
} from './connection-values.ts';
import { faultsByField } from './field-faults.ts';
import { openGroups } from './form-groups.ts';

/** What the form is made of: `slug` is null for a new connection, `held` names the secrets that are kept already. */
export interface ConnectionFormParts {
  readonly slug: string | null;
  readonly name: string | null;
  readonly values: ConnectionValues;
  readonly faults: readonly FieldFault[];
  readonly held: readonly SecretField[];
  /** The one redirect URI to register with the provider. */
  readonly redirectUri: string;
  /** The public half of the key that is held, to be registered there too. */
  readonly publicJwks?: PublicJwks | null;
}

const FIELDS = [...TEXT_FIELDS, ...SECRET_FIELDS, ...TICK_FIELDS];

/** What the form shows: values as typed, faults by field, and of secrets only whether they are kept. */
export function connectionForm(parts: ConnectionFormParts) {
  const { slug, name, values, faults, held, redirectUri, publicJwks = null } = parts;
  const errors = faultsByField(linesTold(faults, values), FIELDS, values.authType);
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
    redirectUri,
    ticks: OAUTH2_TICKS.join(' '),
    publicJwks: publicJwks && JSON.stringify(publicJwks, null, 2),
    opens: openGroups(values, errors),
    ...connectionChoices(values),
  };
}

/** Says in which line of its field a parameter or a resource is wrong. */
function linesTold(faults: readonly FieldFault[], values: ConnectionValues): FieldFault[] {
  return faults.map(({ pointer, detail }) => {
    const [, name, item] = /^\/auth\/(parameters|resource)\/(\d+)/.exec(pointer) ?? [];
    if (name === undefined) return { pointer, detail };
    const filled = values[name as 'parameters' | 'resource']
      .split(/\r?\n/)
      .flatMap((line, at) => (line.trim() === '' ? [] : [at + 1]));
    return { pointer, detail: `Line ${filled[Number(item)] ?? Number(item) + 1}: ${detail}` };
  });
}
