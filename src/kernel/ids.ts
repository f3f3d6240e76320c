import { randomBytes } from 'node:crypto';
import { v7 } from 'uuid';
import type { Clock } from './clock.ts';

/** Makes a new id: a UUIDv7 in lower case (RFC 9562, section 5.7), ordered by time. */
export type NewId = () => string;

/** Gives `size` unpredictable bytes. A part, so that a test can hold chance still. */
export type RandomBytes = (size: number) => Buffer;

/** Bytes are drawn from the system by this many: each drawing costs as much as a small query. */
const POOL_BYTES = 4096;
let pool = Buffer.alloc(0);

/** The machine's own source of chance. No byte is given out twice. */
export const systemRandom: RandomBytes = (size) => {
  if (size > POOL_BYTES / 8) return randomBytes(size);
  if (pool.length < size) pool = randomBytes(POOL_BYTES);
  const drawn = pool.subarray(0, size);
  pool = pool.subarray(size);
  return drawn;
};

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

/** When an id was made, to the millisecond (RFC 9562, section 5.7). */
export function madeAt(id: string): Date {
  return new Date(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16));
}

/** What is less than every id made then or later, and no less than any made before (RFC 9562, section 5.7). */
export function firstIdAt(moment: Date): string {
  const hex = Math.max(0, moment.getTime()).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}
