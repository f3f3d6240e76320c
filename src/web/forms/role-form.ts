import { z } from 'zod';
import type { Role } from '../../kernel/role.ts';
import type { Form } from '../context.ts';
import { roleField } from './fields.ts';
import { readForm } from './read-form.ts';

/** What gives a member another role. */
export const roleSchema = z.object({ role: roleField });

/** Reads the role out of a member's form. Throws `InvalidInput`. */
export function readRoleForm(form: Form): Role {
  return readForm(roleSchema, form).role;
}
