import { z } from 'zod';
import type { Form } from '../context.ts';
import { emailField, passwordField } from './fields.ts';
import { readForm } from './read-form.ts';

/** What makes the first owner. */
export const setupSchema = z.object({
  code: z
    .string('Give the code.')
    .trim()
    .min(1, 'Give the code that was printed at start.')
    .max(40, 'This is no code.'),
  email: emailField,
  password: passwordField,
});

/** Reads the set-up form. Throws `InvalidInput`. */
export function readSetupForm(form: Form): z.output<typeof setupSchema> {
  return readForm(setupSchema, form);
}
