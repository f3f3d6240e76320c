import { z } from 'zod';

const LONGEST_PASSWORD = 1024;

/** An e-mail address, in lower case. */
export const emailField = z
  .string('Give an e-mail address.')
  .trim()
  .toLowerCase()
  .max(254, 'This is too long for an e-mail address.')
  .regex(/^[^\s@<>"]+@[^\s@<>"]+$/, 'Give an e-mail address, such as ada@example.org.');

/** A password as it was typed; what makes a good one is for `secrets/` to say. */
export const passwordField = z
  .string('Give a password.')
  .min(1, 'Give a password.')
  .max(LONGEST_PASSWORD, 'Use at most 256 characters.');
