import type { Role } from '../../src/kernel/role.ts';
import type { Client } from './client.ts';

/** A new API key, made on the keys page by an owner's browser. */
export async function newKey(owner: Client, role: Role): Promise<string> {
  const { status, text } = await owner.post('/keys', { name: `${role} for a test`, role, expires: 'never' });
  const key = /cbk_[\w-]{43}/.exec(text)?.[0];
  if (!key) throw new Error(`Making a key answered ${status} and showed none.`);
  return key;
}
