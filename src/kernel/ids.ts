import { randomBytes } from 'node:crypto';
import { v7 } from 'uuid';
import type { Clock } from './clock.ts';

/** Makes a new id: a UUIDv7 in lower case (RFC 9562, section 5.7), ordered by time. */
export type NewId = () => string;

/** Gives `size` unpredictable bytes. A part, so that a test can hold chance still. */
export type RandomBytes = (size: number) => Buffer;

/** The machine's own source of chance. */
export const systemRandom: RandomBytes = (size) => randomBytes(size);

/** Ids that follow the given clock; ids of one millisecond keep their order. */
export function idsBy(clock: Clock, random: RandomBytes = systemRandom): NewId {
  let lastMs = 0;
  let sequence = 0;
  return () => {
    const msecs = Math.max(clock.now().getTime(), lastMs);
    sequence = msecs === lastMs ? sequence + 1 : random(4).readUInt32BE() >>> 2;
    lastMs = msecs;
    return v7({ msecs, seq: sequence, random: random(16) });
  };
}
