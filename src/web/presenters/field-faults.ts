import type { FieldFault } from '../../kernel/errors.ts';

/** Where a pointer's last word is not the field's name. */
const FIELD_OF: Record<string, string> = {
  '/auth/type': 'authType',
  '/auth/username': 'basicUsername',
  '/auth/password': 'basicPassword',
  '/auth/token': 'bearerToken',
  '/auth/in': 'apiKeyIn',
  '/auth/name': 'apiKeyName',
  '/auth/value': 'apiKeyValue',
};
/** The same two words mean other fields there. */
const FIELD_OF_OAUTH2: Record<string, string> = {
  '/auth/username': 'grantUsername',
  '/auth/password': 'grantPassword',
};

/**
 * Faults by the name of the form's field they belong to, the first of each; `''` holds what belongs to no field. A
 * connection's form says how calls are authorised by it.
 */
export function faultsByField(
  faults: readonly FieldFault[],
  fields: readonly string[],
  authType = '',
): Record<string, string> {
  const byField: Record<string, string> = {};
  for (const { pointer, detail } of faults) {
    const name = fieldOf(pointer, authType === 'oauth2');
    byField[fields.includes(name) ? name : ''] ??= detail;
  }
  return byField;
}

/** `/auth/tokenUrl` → `tokenUrl`, `/headers/0/1` → `headers`, `/auth/quirks/tokenPath` → `tokenPath`. */
function fieldOf(pointer: string, isOAuth2: boolean): string {
  const known = (isOAuth2 ? FIELD_OF_OAUTH2[pointer] : undefined) ?? FIELD_OF[pointer];
  if (known !== undefined) return known;
  const [first = '', second = '', third = ''] = pointer.split('/').slice(1);
  if (first !== 'auth') return first;
  return second === 'quirks' ? third : second;
}
