import type { z } from 'zod';
import { InvalidInput } from '../../kernel/errors.ts';

/** What the schema makes of a form. Throws `InvalidInput` with a JSON Pointer (RFC 6901) and a sentence for each fault. */
export function readForm<Schema extends z.ZodType>(schema: Schema, form: unknown): z.output<Schema> {
  const read = schema.safeParse(form);
  if (read.success) return read.data;
  throw new InvalidInput(
    read.error.issues.map(({ path, message }) => ({ pointer: path.map(pointerPart).join(''), detail: message })),
  );
}

function pointerPart(key: PropertyKey): string {
  return `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
