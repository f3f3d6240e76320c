import { type Role, ROLES } from '../../kernel/role.ts';

/** What a role may do, as the end of a sentence about somebody. */
export const ROLE_WORDS: Readonly<Record<Role, string>> = {
  viewer: 'may look at everything but secrets',
  editor: 'may look, send calls, renew grants, and make and edit connections',
  owner: 'may do everything: people, API keys, secrets and deletion included',
};

/** The roles as options of a choice. */
export function roleOptions(chosen: Role) {
  return ROLES.map((role) => ({ value: role, text: role, isChosen: role === chosen }));
}
