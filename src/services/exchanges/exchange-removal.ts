import { buryExchanges, removeBuried } from '../../db/queries/removals.ts';
import { type ExchangeCursor, type ExchangeFilter, exchangePage } from '../../db/queries/exchanges.ts';
import { session } from '../../db/session.ts';
import type { Clock } from '../../kernel/clock.ts';
import { Conflict, NotAllowed } from '../../kernel/errors.ts';
import { type Actor, mayAct } from '../../kernel/role.ts';
import type { ExchangeHistory } from './exchange-history.ts';
import type { LooseBodies } from './loose-bodies.ts';
import { StepPace } from './step-pace.ts';

/** Counted to here; beyond it is "more". */
const COUNTED = 1_000;
/** One turn removes no more of a selection: whoever waits sees how far it has come. */
const AT_ONCE = 2_000;

interface Parts {
  readonly clock: Clock;
  readonly history: ExchangeHistory;
  readonly loose: LooseBodies;
}

/** How many exchanges a selection holds, as far as they were counted. */
export interface Selected {
  readonly count: number;
  readonly pinned: number;
  /** True where there are more than that. */
  readonly isMore: boolean;
}

/** Takes exchanges away for good, for owners: a tombstone says who and when. Their bodies go with them. */
export class ExchangeRemoval {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Deletes one exchange, pinned or not. Throws `NotAllowed`, `NotFound`, `Gone`, and `Conflict` while it is pending. */
  async remove(actor: Actor, id: string): Promise<void> {
    refuseUnlessOwner(actor);
    const exchange = await this.#parts.history.find(id);
    if ((await this.#bury(actor, [id])) === 0)
      throw new Conflict(
        `This ${exchange.method} is still on its way, and its record is completed when the answer is here. Delete it then.`,
      );
    await this.#parts.loose.sweep();
  }

  /** How many exchanges the filter lets through. */
  async count(workspaceId: string, filter: ExchangeFilter): Promise<Selected> {
    const all = await exchangePage(workspaceId, filter, null, COUNTED + 1);
    const pinned = await exchangePage(workspaceId, { ...filter, pinned: true }, null, COUNTED + 1);
    const isPinless = filter.pinned === false;
    return {
      count: Math.min(all.length, COUNTED),
      pinned: isPinless ? 0 : Math.min(pinned.length, COUNTED),
      isMore: all.length > COUNTED,
    };
  }

  /** Deletes some thousand of those that the filter lets through, in small steps; gives their number. Pending ones stay. */
  async removeSome(actor: Actor, filter: ExchangeFilter): Promise<number> {
    refuseUnlessOwner(actor);
    const pace = new StepPace();
    let cursor: ExchangeCursor | null = null;
    let removed = 0;
    while (removed < AT_ONCE) {
      const page: readonly ExchangeCursor[] = await exchangePage(actor.workspaceId, filter, cursor, pace.rows);
      if (page.length === 0) break;
      cursor = page.at(-1)!;
      removed += await pace.step(() =>
        this.#bury(
          actor,
          page.map(({ id }) => id),
        ),
      );
    }
    await this.#parts.loose.sweep();
    return removed;
  }

  async #bury({ workspaceId, name }: Actor, ids: readonly string[]): Promise<number> {
    const deletedAt = this.#parts.clock.now();
    return session.transactional(async () => {
      await buryExchanges(workspaceId, ids, name, deletedAt);
      return removeBuried(workspaceId, ids);
    });
  }
}

function refuseUnlessOwner({ role }: Actor): void {
  if (!mayAct(role, 'owner')) throw new NotAllowed('Only owners delete exchanges.');
}
