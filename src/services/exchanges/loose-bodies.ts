import { hideBody, type LooseBody, looseBodies, removeSmallBodies, unlistBodies } from '../../db/queries/removals.ts';
import { withSystem } from '../../db/system.ts';
import { CHUNK_BYTES } from '../../model/body-chunk.ts';
import { deleteOpen } from './body-writer.ts';
import { StepPace } from './step-pace.ts';

/** Deleted in one transaction at most: freeing pages holds the event loop as writing them does. */
const BYTES_AT_ONCE = 2 * CHUNK_BYTES;

/**
 * Takes away bodies whose last exchange is gone. Deleting an exchange puts its bodies on a list, by a trigger; here it
 * is looked, in the transaction that takes them away, whether another exchange holds them. An exchange is written in
 * the transaction that finds its bodies, so none can come to hold one in between.
 */
export class LooseBodies {
  /** Goes through a part of the list; gives how many bodies are gone, and whether there may be more on it. */
  async sweepSome(pace: StepPace): Promise<{ readonly removed: number; readonly isDone: boolean }> {
    const { looked, unused, large } = await withSystem(() => pace.step(() => this.#lookAndRemove(pace.rows)));
    for (const body of large) await this.#removeLarge(body);
    return { removed: unused + large.length, isDone: looked === 0 };
  }

  /** As `sweepSome`, to the end of the list, or for about `limitMs`: what is left then waits for the next time. */
  async sweep(limitMs = Number.POSITIVE_INFINITY): Promise<number> {
    const until = performance.now() + limitMs;
    const pace = new StepPace();
    let removed = 0;
    for (let isDone = false; !isDone && performance.now() < until;) {
      const some = await this.sweepSome(pace);
      removed += some.removed;
      ({ isDone } = some);
    }
    return removed;
  }

  async #lookAndRemove(most: number) {
    const looked = withinBytes(await looseBodies(most));
    const unused = looked.filter(({ isUsed }) => !isUsed);
    const small = unused.filter(({ bytes, isHidden }) => bytes <= CHUNK_BYTES && !isHidden);
    const large = unused.filter((body) => !small.includes(body));
    for (const { id } of large) await hideBody(id);
    if (small.length > 0) await removeSmallBodies(small.map(({ id }) => id));
    await unlistBodies(looked.filter((body) => !large.includes(body)).map(({ id }) => id));
    return { looked: looked.length, unused: small.length, large };
  }

  /** Piece by piece; a crash on the way leaves it on the list, and nobody finds it by its content meanwhile. */
  async #removeLarge({ id, workspaceId }: LooseBody): Promise<void> {
    await withSystem(async () => {
      await deleteOpen(workspaceId, id);
      await unlistBodies([id]);
    });
  }
}

/** The first ones: as many as one transaction should take away, and one at least. */
function withinBytes(bodies: readonly LooseBody[]): readonly LooseBody[] {
  let bytes = 0;
  return bodies.filter((body, at) => {
    bytes += body.isUsed ? 0 : Math.min(body.bytes, CHUNK_BYTES);
    return at === 0 || bytes <= BYTES_AT_ONCE;
  });
}
