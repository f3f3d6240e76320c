import type { Vault } from '../../kernel/vault.ts';
import type { DeviceAttempt, DeviceState } from '../../model/device-attempt.ts';
import { isSafeLink } from '../../oauth/device-authorization.ts';
import { EXPIRED } from './device-end.ts';
import { openCodes } from './device-seals.ts';

/** How a consent on another device stands, for whoever may give it. */
export interface DeviceTelling {
  readonly id: string;
  readonly state: DeviceState;
  /** Why it ended as it did, or what the last poll ran into. */
  readonly reason: string | null;
  readonly detail: string | null;
  readonly startedBy: string;
  readonly expiresAt: Date;
  readonly endedAt: Date | null;
  /** Null once it is over: nobody can consent with it any more. */
  readonly ask: DeviceAsk | null;
}

/** What a person needs elsewhere. A link is null where a page must not lead there. */
export interface DeviceAsk {
  readonly userCode: string;
  /** As the provider gave it. */
  readonly verificationUri: string;
  readonly link: string | null;
  /** The link with the code in it, or without where the provider gave none. */
  readonly directLink: string | null;
}

/** Tells of an attempt as it is now; one that ran out and was not looked at since has expired. */
export function tellDevice(vault: Vault, attempt: DeviceAttempt, now: Date): DeviceTelling {
  const { id, state, reason = null, detail = null, startedBy, expiresAt, endedAt = null } = attempt;
  const telling = { id, state, reason, detail, startedBy, expiresAt, endedAt, ask: null };
  if (state !== 'pending') return telling;
  return expiresAt <= now ? { ...telling, ...EXPIRED } : { ...telling, ask: askOf(vault, attempt) };
}

function askOf(vault: Vault, attempt: DeviceAttempt): DeviceAsk | null {
  const { userCode, completeUri } = openCodes(vault, attempt);
  const { verificationUri } = attempt;
  if (userCode === null) return null;
  const link = linkTo(verificationUri);
  const directLink = (completeUri === null ? null : linkTo(completeUri)) ?? link;
  return { userCode, verificationUri, link, directLink };
}

/** As an address is written on the wire: what cannot be seen in it is spelled out. */
function linkTo(address: string): string | null {
  return isSafeLink(address) ? new URL(address).href : null;
}
