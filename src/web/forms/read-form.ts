import type { z } from 'zod';
import { readBy } from '../../kernel/field-faults.ts';

/** What the schema makes of a form. Throws `InvalidInput` with a JSON Pointer (RFC 6901) and a sentence for each fault. */
export function readForm<Schema extends z.ZodType>(schema: Schema, form: unknown): z.output<Schema> {
  return readBy(schema, form);
}
