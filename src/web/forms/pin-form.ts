import { z } from 'zod';
import { LONGEST_NOTE } from '../../model/pin.ts';
import type { Form } from '../context.ts';
import { readForm } from './read-form.ts';

/** What makes a pin; without a note it has none. */
export const pinSchema = z.strictObject({
  note: z
    .string('Write the note as text.')
    .trim()
    .max(LONGEST_NOTE, `At most ${LONGEST_NOTE} characters fit here.`)
    .refine((text) => text.isWellFormed(), 'This holds half of a character.')
    .default('')
    .meta({ description: 'Why it is kept; everybody in the workspace reads it.' }),
});

/** The note that a form puts on a pin. Throws `InvalidInput`. */
export function readPinForm({ note }: Form): string {
  return readForm(pinSchema, { note }).note;
}
