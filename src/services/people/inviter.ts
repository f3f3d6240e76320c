import { session } from '../../db/session.ts';
import type { Clock } from '../../kernel/clock.ts';
import { InvalidInput, NotFound } from '../../kernel/errors.ts';
import type { NewId, RandomBytes } from '../../kernel/ids.ts';
import type { Person, Role } from '../../kernel/role.ts';
import { Invitation } from '../../model/invitation.ts';
import { hashToken, newToken } from '../../secrets/opaque-token.ts';
import { refuseUnlessOwner } from './still-owner.ts';

const OPEN_MS = 7 * 24 * 60 * 60_000;
const LONGEST_NOTE = 120;

interface Parts {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly random: RandomBytes;
}

/** What an invitation is made with: the role, and who it is for in the owner's words. */
export interface InvitationInput {
  readonly role: Role;
  readonly note: string;
}

/** An open invitation, as owners see it; the link is told once, when it is made. */
export interface ToldInvitation extends InvitationInput {
  readonly id: string;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** The owners' side of invitations to the session's workspace; what a link does is in `invitations.ts`. */
export class Inviter {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Makes an invitation that is good for one person and seven days. `token` is told here and never again; what is kept
   * is its hash. Throws `InvalidInput` with `/note`, and `NotAllowed`.
   */
  async create(owner: Person, { role, note }: InvitationInput): Promise<ToldInvitation & { readonly token: string }> {
    const { clock, newId, random } = this.#parts;
    refuseNote(note.trim());
    const token = newToken(random);
    const createdAt = clock.now();
    const expiresAt = new Date(createdAt.getTime() + OPEN_MS);
    const made = { id: newId(), role, note: note.trim(), createdBy: owner.name, createdAt, expiresAt };
    const { workspaceId } = owner;
    await session.transactional(async () => {
      await refuseUnlessOwner(owner);
      await session.insert(Invitation, { ...made, workspaceId, tokenHash: hashToken(token), usedAt: null });
    });
    return { ...made, token };
  }

  /** The invitations that can still be used, the newest first. */
  async listOpen(): Promise<ToldInvitation[]> {
    const isOpen = { usedAt: null, expiresAt: { $gt: this.#parts.clock.now() } };
    return (await session.find(Invitation, isOpen, { orderBy: { createdAt: 'desc', id: 'desc' } })).map(told);
  }

  /** Makes a link useless. Throws `NotFound`, for another workspace's and for one that was used, and `NotAllowed`. */
  async withdraw(owner: Person, id: string): Promise<void> {
    await session.transactional(async () => {
      await refuseUnlessOwner(owner);
      if ((await session.nativeDelete(Invitation, { id, usedAt: null })) === 0) throw new NotFound('invitation', id);
    });
  }
}

function told({ id, role, note, createdBy, createdAt, expiresAt }: Invitation): ToldInvitation {
  return { id, role, note, createdBy, createdAt, expiresAt };
}

function refuseNote(note: string): void {
  if (note !== '' && note.length <= LONGEST_NOTE) return;
  const detail =
    note === '' ? 'Say who it is for, so that you know it again.' : `Use at most ${LONGEST_NOTE} characters.`;
  throw new InvalidInput([{ pointer: '/note', detail }]);
}
