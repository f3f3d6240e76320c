import { session } from '../db/session.ts';
import { withSystem } from '../db/system.ts';
import type { Clock } from '../kernel/clock.ts';
import { Meta } from '../model/meta.ts';

/** When the turn after this one may begin, and when the latest would: a time further off was written by another clock. */
export interface Turn {
  readonly key: string;
  readonly nextMs: number;
  readonly latestMs: number;
}

/** One process does a piece of work at a time: compare-and-set on the time the next turn is due. False where it is not ours. */
export async function claimTurn(clock: Clock, { key, nextMs, latestMs }: Turn): Promise<boolean> {
  const now = clock.now();
  const at = (ms: number) => new Date(now.getTime() + ms).toISOString();
  return withSystem(async () => {
    await session.upsert(Meta, { key, value: at(0) }, { onConflictAction: 'ignore' });
    const { value } = await session.findOneOrFail(Meta, { key });
    // A time further off than one interval was written by a clock that has been set back since.
    if (value > at(0) && value <= at(latestMs)) return false;
    return (await session.nativeUpdate(Meta, { key, value }, { value: at(nextMs) })) === 1;
  });
}
