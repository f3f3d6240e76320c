import { session } from '../../db/session.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { NewId, RandomBytes } from '../../kernel/ids.ts';
import { Membership } from '../../model/membership.ts';
import { SignIn } from '../../model/sign-in.ts';
import { hashToken, newToken } from '../../secrets/opaque-token.ts';

const ABSOLUTE_MS = 7 * 24 * 60 * 60_000;

interface Parts {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly random: RandomBytes;
}

/** A person in one of their workspaces. */
export interface Member {
  readonly userId: string;
  readonly workspaceId: string;
}

/** Where a sign-in comes from, for the list on the account page. */
export interface Origin {
  readonly address: string;
  readonly userAgent: string;
}

/** What the browser gets: `token` goes into the cookie and nowhere else. */
export interface OpenedSignIn {
  readonly token: string;
  readonly expiresAt: Date;
}

/**
 * Opens a sign-in in the system scope we are in, with an id and a token of its own. It ends after seven days, or with
 * `before`, the one it stands in for.
 */
export async function openSignIn(
  { clock, newId, random }: Parts,
  { userId, workspaceId }: Member,
  { address, userAgent }: Origin,
  before?: Pick<SignIn, 'createdAt' | 'expiresAt'>,
): Promise<OpenedSignIn> {
  const now = clock.now();
  const token = newToken(random);
  const expiresAt = before?.expiresAt ?? new Date(now.getTime() + ABSOLUTE_MS);
  await session.insert(SignIn, {
    id: newId(),
    userId,
    workspaceId,
    tokenHash: hashToken(token),
    address: address.slice(0, 64),
    userAgent: userAgent.slice(0, 255),
    createdAt: before?.createdAt ?? now,
    lastSeenAt: now,
    expiresAt,
  });
  await noteSeen({ userId, workspaceId }, now);
  return { token, expiresAt };
}

/** Notes that a person was in a workspace, in the system scope we are in; the next sign-in leads there. */
export async function noteSeen({ userId, workspaceId }: Member, now: Date): Promise<void> {
  await session.nativeUpdate(Membership, { userId, workspaceId }, { lastSeenAt: now });
}
