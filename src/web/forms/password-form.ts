import { z } from 'zod';
import type { Form } from '../context.ts';
import { passwordField } from './fields.ts';
import { readForm } from './read-form.ts';

/** What changes a password. */
export const passwordSchema = z.object({ currentPassword: passwordField, newPassword: passwordField });

/** Reads the form that changes a password. Throws `InvalidInput`. */
export function readPasswordForm(form: Form): z.output<typeof passwordSchema> {
  return readForm(passwordSchema, form);
}
