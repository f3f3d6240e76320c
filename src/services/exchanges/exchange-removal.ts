import type { ExchangeFilter } from '../../db/queries/exchanges.ts';
import { buryExchanges, removeBuried } from '../../db/queries/removals.ts';
import { session } from '../../db/session.ts';
import type { Clock } from '../../kernel/clock.ts';
import { Conflict, NotAllowed } from '../../kernel/errors.ts';
import { type Actor, mayAct } from '../../kernel/role.ts';
import type { ExchangeHistory } from './exchange-history.ts';
import type { ExchangeSelector, Place, Searched, Selection } from './exchange-selection.ts';
import type { LooseBodies } from './loose-bodies.ts';
import type { SearchIndexer } from './search-indexer.ts';
import { StepPace } from './step-pace.ts';

/** Counted to here; beyond it is "more". */
const COUNTED = 1_000;
/** Each takes a second at most. */
const MOST_TURNS = 5;
/** One turn removes no more of a selection: whoever waits sees how far it has come. */
const AT_ONCE = 2_000;
/** What whoever waits gives to bodies and to the index; retention goes on with what is left of them. */
const SWEEPING_MS = 5_000;
const COMPACTING_MS = 500;

interface Parts {
  readonly clock: Clock;
  readonly history: ExchangeHistory;
  readonly indexer: SearchIndexer;
  readonly loose: LooseBodies;
  readonly selector: ExchangeSelector;
}

/** How many exchanges of a selection can be deleted, as far as they were counted. */
export interface Selected {
  readonly count: number;
  readonly pinned: number;
  /** Still on their way: they stay. */
  readonly pending: number;
  /** True where there may be more than that. */
  readonly isMore: boolean;
  /** How the search went, where there was one. */
  readonly search: Searched | null;
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
    if ((await session.transactional(() => this.#bury(actor, [id]))) === 0)
      throw new Conflict(
        `This ${exchange.method} is still on its way, and its record is completed when the answer is here. Delete it then.`,
      );
    await this.#sweep();
  }

  /** How many exchanges are selected, of those that were on record before `asked`. */
  async count(workspaceId: string, selection: Selection, asked: Date): Promise<Selected> {
    const { pinned, outcome } = selection.filter;
    const those = (filter: ExchangeFilter) => this.#counted(workspaceId, narrowed(selection, asked, filter));
    const all = await those({ settled: true });
    const pins = pinned === false ? 0 : (await those({ settled: true, pinned: true })).count;
    // Text finds an exchange once that has come to its end.
    const canPend = selection.text === null && (outcome === undefined || outcome === 'pending');
    return { ...all, pinned: pins, pending: canPend ? (await those({ outcome: 'pending' })).count : 0 };
  }

  /** A search may take several turns. */
  async #counted(workspaceId: string, selection: Selection): Promise<Omit<Selected, 'pinned' | 'pending'>> {
    let count = 0;
    let place: Place = null;
    for (let turn = 1; ; turn += 1) {
      const page = await this.#parts.selector.lines(workspaceId, selection, place, COUNTED - count);
      count += page.items.length;
      const { older, search } = page;
      if (!older || count >= COUNTED || turn === MOST_TURNS) return { count, isMore: older !== null, search };
      place = { from: older, direction: 'older' };
    }
  }

  /**
   * Deletes some thousand of those that are selected and were on record before `asked`, in small steps; gives their number.
   * Pending ones stay.
   */
  async removeSome(actor: Actor, selection: Selection, asked: Date): Promise<number> {
    refuseUnlessOwner(actor);
    const those = narrowed(selection, asked, { settled: true });
    const pace = new StepPace({ inTransaction: (work) => session.transactional(work) });
    let removed = 0;
    for (let place: Place = null; removed < AT_ONCE;) {
      const page = await this.#parts.selector.lines(actor.workspaceId, those, place, pace.rows);
      const ids = page.items.map(({ id }) => id);
      if (ids.length > 0) removed += await pace.step(() => this.#bury(actor, ids));
      if (!page.older) break;
      place = { from: page.older, direction: 'older' };
    }
    await this.#sweep();
    return removed;
  }

  /** Takes what only those exchanges held. */
  async #sweep(): Promise<void> {
    await this.#parts.loose.sweep(SWEEPING_MS);
    await this.#parts.indexer.compact(COMPACTING_MS);
  }

  /** In a transaction. */
  async #bury({ workspaceId, name }: Actor, ids: readonly string[]): Promise<number> {
    await buryExchanges(workspaceId, ids, name, this.#parts.clock.now());
    return removeBuried(workspaceId, ids);
  }
}

function narrowed(selection: Selection, recordedBefore: Date, more: ExchangeFilter): Selection {
  return { ...selection, filter: { ...selection.filter, recordedBefore, ...more } };
}

function refuseUnlessOwner({ role }: Actor): void {
  if (!mayAct(role, 'owner')) throw new NotAllowed('Only owners delete exchanges.');
}
