import { z } from 'zod';
import type { Form } from '../context.ts';
import { emailField, passwordField, roleField } from './fields.ts';
import { readForm } from './read-form.ts';

/** What makes an invitation; what a note may be is for the service to say. */
export const invitationSchema = z.object({ role: roleField, note: z.string().default('') });

/** What a new person gives to get in by a link. */
export const newcomerSchema = z.object({ email: emailField, password: passwordField });

/** Reads the form that makes an invitation. Throws `InvalidInput`. */
export function readInvitationForm(form: Form): z.output<typeof invitationSchema> {
  return readForm(invitationSchema, form);
}

/** Reads the form of somebody new. Throws `InvalidInput`. */
export function readNewcomerForm(form: Form): z.output<typeof newcomerSchema> {
  return readForm(newcomerSchema, form);
}
