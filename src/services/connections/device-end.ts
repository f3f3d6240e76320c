import { session } from '../../db/session.ts';
import { DeviceAttempt, type DeviceState } from '../../model/device-attempt.ts';

/** How a consent on another device ended; `reason` is a word for programs, `detail` a sentence for people. */
export interface DeviceEnd {
  readonly state: Exclude<DeviceState, 'pending'>;
  readonly reason: string | null;
  readonly detail: string | null;
}

export const GRANTED: DeviceEnd = { state: 'granted', reason: null, detail: null };

export const EXPIRED: DeviceEnd = {
  state: 'expired',
  reason: 'expired_token',
  detail: 'Nobody answered before the code expired. The grant held before is untouched; start again for a new code.',
};

export const REPLACED: DeviceEnd = {
  state: 'cancelled',
  reason: 'replaced',
  detail: 'Another consent was started for this connection, and its code stands in place of this one.',
};

export const STOPPED: DeviceEnd = {
  state: 'cancelled',
  reason: 'stopped',
  detail: 'Somebody of your workspace stopped waiting. The grant held before is untouched.',
};

export const DISCONNECTED: DeviceEnd = {
  state: 'cancelled',
  reason: 'disconnected',
  detail:
    'The connection was disconnected while this consent was under way. What the provider still gives is not kept.',
};

export const EDITED: DeviceEnd = {
  state: 'cancelled',
  reason: 'edited',
  detail:
    'How the connection is authorised was edited while this consent was under way. Start again under the new settings.',
};

export const MOVED: DeviceEnd = {
  state: 'failed',
  reason: 'grant-moved',
  detail: 'The grant changed again and again while the new one was to be stored. Start the consent again.',
};

/** The codes go with the end: nobody can consent with them any more, or poll. */
const WIPED = { sealedDeviceCode: null, sealedUserCode: null, sealedCompleteUri: null };

/** The columns of an attempt that has ended. */
export function endedColumns(end: DeviceEnd, endedAt: Date) {
  return { ...end, ...WIPED, endedAt };
}

/** Ends what waits for consent on another device, in the caller's session and transaction; a poll under way keeps nothing then. */
export async function cancelDeviceAttempts(connectionId: string, end: DeviceEnd, now: Date): Promise<void> {
  await session.nativeUpdate(DeviceAttempt, { connectionId, state: 'pending' }, endedColumns(end, now));
}
