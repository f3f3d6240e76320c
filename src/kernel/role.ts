/** What a person or a program may do in a workspace, weakest first. */
export const ROLES = ['viewer', 'editor', 'owner'] as const;

export type Role = (typeof ROLES)[number];

/** True when `role` may do at least what `wanted` may. */
export function mayAct(role: Role, wanted: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(wanted);
}

/** Who is asking, as plain data: what the gatekeeper found out. `name` is what a record shows as the sender. */
export interface Actor {
  readonly workspaceId: string;
  readonly role: Role;
  readonly name: string;
}

/** A person, by the sign-in of one browser. */
export interface Person extends Actor {
  readonly by: 'sign-in';
  readonly signInId: string;
  readonly userId: string;
}

/** A program, by its API key. */
export interface Program extends Actor {
  readonly by: 'api-key';
  readonly keyId: string;
}

export type Asker = Person | Program;
