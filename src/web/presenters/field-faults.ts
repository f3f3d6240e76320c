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

/** Faults by the name of the form's field they belong to, the first of each; `''` holds what belongs to no field. */
export function faultsByField(faults: readonly FieldFault[], fields: readonly string[]): Record<string, string> {
  const byField: Record<string, string> = {};
  for (const { pointer, detail } of faults) {
    const name = fieldOf(pointer);
    byField[fields.includes(name) ? name : ''] ??= detail;
  }
  return byField;
}

/** `/auth/tokenUrl` → `tokenUrl`, `/headers/0/1` → `headers`. */
function fieldOf(pointer: string): string {
  const known = FIELD_OF[pointer];
  if (known !== undefined) return known;
  const [first = '', second = ''] = pointer.split('/').slice(1);
  return first === 'auth' ? second : first;
}
