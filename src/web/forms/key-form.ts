import { z } from 'zod';
import { ROLES } from '../../kernel/role.ts';
import type { ApiKeyInput } from '../../services/keys/api-keys.ts';
import type { Form } from '../context.ts';
import { readForm } from './read-form.ts';

const DAY_MS = 86_400_000;

/** When a new key may expire: never, or after so many days. */
export const KEY_LIVES = ['never', '30', '90', '365'] as const;

/** What makes an API key. */
export const keySchema = z.object({
  name: z
    .string('Say what the key is for.')
    .trim()
    .min(1, 'Say what the key is for.')
    .max(120, 'At most 120 characters fit here.'),
  role: z.enum(ROLES, 'Choose a role.'),
  expires: z.enum(KEY_LIVES, 'Choose when it expires.'),
});

/** Reads the form that makes an API key, whose days count from `now`. Throws `InvalidInput`. */
export function readKeyForm(form: Form, now: Date): ApiKeyInput {
  const { name, role, expires } = readForm(keySchema, form);
  const expiresAt = expires === 'never' ? null : new Date(now.getTime() + Number(expires) * DAY_MS);
  return { name, role, expiresAt };
}
