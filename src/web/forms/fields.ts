import { z } from 'zod';
import { EMAIL_ADDRESS, LONGEST_EMAIL } from '../../kernel/email-address.ts';
import { ROLES } from '../../kernel/role.ts';

const LONGEST_PASSWORD = 1024;

/** An e-mail address, in lower case. */
export const emailField = z
  .string('Give an e-mail address.')
  .trim()
  .toLowerCase()
  .max(LONGEST_EMAIL, 'This is too long for an e-mail address.')
  .regex(EMAIL_ADDRESS, 'Give an e-mail address, such as ada@example.org.');

/** A password as it was typed; what makes a good one is for `secrets/` to say. */
export const passwordField = z
  .string('Give a password.')
  .min(1, 'Give a password.')
  .max(LONGEST_PASSWORD, 'Use at most 256 characters.');

/** A role in a workspace. */
export const roleField = z.enum(ROLES, `Choose one of ${ROLES.join(', ')}.`);
