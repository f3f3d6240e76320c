import type { z } from 'zod';
import type { FieldFault } from './errors.ts';

/** What a schema found, with a JSON Pointer (RFC 6901) each; a field nobody knows is pointed at by its own name. */
export function fieldFaults(error: z.core.$ZodError): FieldFault[] {
  return error.issues.flatMap((issue) => {
    const place = jsonPointer(issue.path);
    if (issue.code !== 'unrecognized_keys') return [{ pointer: place, detail: issue.message }];
    return issue.keys.map((key) => ({
      pointer: place + jsonPointer([key]),
      detail: 'There is no field of this name here.',
    }));
  });
}

/** The JSON Pointer to a place (RFC 6901, section 3); the empty text is the whole. */
export function jsonPointer(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
