import { z } from 'zod';
import type { Form } from '../context.ts';
import { localPath } from '../local-path.ts';
import { emailField, passwordField } from './fields.ts';
import { readForm } from './read-form.ts';

/** What signs a person in; `next` is where they wanted to go, made safe. */
export const signInSchema = z.object({
  email: emailField,
  password: passwordField,
  next: z.string().optional().transform(localPath),
});

/** Reads the sign-in form. Throws `InvalidInput`. */
export function readSignInForm(form: Form): z.output<typeof signInSchema> {
  return readForm(signInSchema, form);
}
