import { databaseSize, giveBackPages } from '../../db/queries/record-sizes.ts';
import { removableExchanges, removeUnpinnedExchanges } from '../../db/queries/removals.ts';
import { withSystem } from '../../db/system.ts';
import type { Clock } from '../../kernel/clock.ts';
import { firstIdAt } from '../../kernel/ids.ts';
import { claimTurn } from '../claimed-turn.ts';
import type { LooseBodies } from './loose-bodies.ts';
import type { SearchIndexer } from './search-indexer.ts';
import { StepPace } from './step-pace.ts';

const DAY_MS = 24 * 60 * 60_000;

/** How often it is looked whether something has to go. */
export const RETENTION_MS = 60_000;
const TURN = { key: 'retention', nextMs: 0.8 * RETENTION_MS, latestMs: RETENTION_MS };

/** A turn ends after that; what is left waits for the next. A stop waits for the turn under way. */
const LONGEST_TURN_MS = 20_000;

/** Free pages that stay for what comes next; the others go back to the disk, so many a transaction. */
const SPARE_BYTES = 16 * 2 ** 20;
const PAGE_BYTES = 4096;
const PAGES_AT_ONCE = 128;

interface Parts {
  /** Moves what was written into the database file, where that is much. */
  readonly checkpoint: () => Promise<unknown>;
  readonly clock: Clock;
  readonly indexer: SearchIndexer;
  readonly loose: LooseBodies;
  readonly retentionDays: number;
  readonly retentionBytes: number;
}

/** What one turn took away. */
export interface Pruned {
  readonly exchanges: number;
  readonly bodies: number;
  /** False where the turn was over before everything was gone. */
  readonly isDone: boolean;
}

/**
 * Keeps the record within its age and its size: the oldest exchanges go first, pinned and pending ones never. An
 * exchange is as old as its id, which is from when it came on record: an imported one counts from its import.
 */
export class ExchangeRetention {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** One turn in small steps, if no other process has it. */
  async prune(): Promise<Pruned> {
    const { clock, indexer, retentionDays } = this.#parts;
    if (!(await claimTurn(clock, TURN))) return { exchanges: 0, bodies: 0, isDone: true };
    const turn = new Turn(this.#parts);
    const before = firstIdAt(new Date(clock.now().getTime() - retentionDays * DAY_MS));
    await turn.removeWhile(before, () => Promise.resolve(Number.POSITIVE_INFINITY));
    await turn.removeWhile(AFTER_EVERY_ID, async () => {
      if (turn.hasRemoved) await indexer.compact(turn.leftMs);
      return this.#tooMany();
    });
    await turn.giveBack();
    return turn.pruned;
  }

  /** About how many exchanges are too many, all of them being of a size; none where everything fits. */
  async #tooMany(): Promise<number> {
    const { bytes, freeBytes, exchanges } = await withSystem(databaseSize);
    const used = bytes - freeBytes;
    const over = used - this.#parts.retentionBytes;
    return over <= 0 ? 0 : Math.max(1, Math.floor((over * exchanges) / used));
  }
}

const AFTER_EVERY_ID = '~';

class Turn {
  readonly #parts: Parts;
  readonly #pace: StepPace;
  readonly #sweepPace: StepPace;
  readonly #until = performance.now() + LONGEST_TURN_MS;
  #exchanges = 0;
  #bodies = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#pace = this.#newPace();
    this.#sweepPace = this.#newPace();
  }

  get pruned(): Pruned {
    return { exchanges: this.#exchanges, bodies: this.#bodies, isDone: !this.#isOver };
  }

  get hasRemoved(): boolean {
    return this.#exchanges > 0;
  }

  /** Milliseconds until the turn is over. */
  get leftMs(): number {
    return Math.max(0, this.#until - performance.now());
  }

  get #isOver(): boolean {
    return performance.now() > this.#until;
  }

  /** Removes exchanges before that id, the oldest first, as long as there are `tooMany`; their bodies with them. */
  async removeWhile(before: string, tooMany: () => Promise<number>): Promise<void> {
    let after = '';
    await this.#sweep();
    for (let many = await tooMany(); !this.#isOver && many > 0; many = await tooMany()) {
      const ids = await withSystem(() => removableExchanges(after, before, Math.min(many, this.#pace.rows)));
      if (ids.length === 0) return;
      after = ids.at(-1)!;
      this.#exchanges += await withSystem(() => this.#pace.step(() => removeUnpinnedExchanges(ids)));
      await this.#sweep();
    }
  }

  /** Gives pages back that hold nothing, as far as they are more than what will be needed soon. */
  async giveBack(): Promise<void> {
    const pace = this.#newPace();
    for (;;) {
      const { freeBytes } = await withSystem(databaseSize);
      if (this.#isOver || freeBytes <= SPARE_BYTES) return;
      const count = Math.min(PAGES_AT_ONCE, Math.ceil((freeBytes - SPARE_BYTES) / PAGE_BYTES));
      await withSystem(() => pace.step(() => giveBackPages(count)));
    }
  }

  #newPace(): StepPace {
    return new StepPace({ afterwards: this.#parts.checkpoint });
  }

  async #sweep(): Promise<void> {
    for (let isDone = false; !isDone && !this.#isOver;) {
      const some = await this.#parts.loose.sweepSome(this.#sweepPace);
      this.#bodies += some.removed;
      ({ isDone } = some);
    }
  }
}
