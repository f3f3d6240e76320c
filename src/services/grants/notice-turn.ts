import { session } from '../../db/session.ts';
import { withSystem } from '../../db/system.ts';
import type { Clock } from '../../kernel/clock.ts';
import { Meta } from '../../model/meta.ts';

/** How long a process may take over one notice before another takes its place; longer than a notice's deadline. */
const TURN_MS = 30_000;
const BACK_OFF_MS = 30_000;
const LONGEST_MS = 3_600_000;

/** The row that tells who may send notices when, and how often in a row nobody took one. */
const KEY = 'notices';

interface Standing {
  /** ISO 8601: until then nobody else sends. */
  readonly until: string;
  readonly failures: number;
}

/** One process at a time, by compare-and-set on a row; a turn that nobody gives back ends by itself. */
export class NoticeTurn {
  readonly #clock: Clock;
  #value: string;

  private constructor(clock: Clock, value: string) {
    this.#clock = clock;
    this.#value = value;
  }

  /** Null while another process has it, or while it is too early to try again. */
  static async take(clock: Clock): Promise<NoticeTurn | null> {
    const none: Standing = { until: clock.now().toISOString(), failures: 0 };
    const value = await withSystem(async () => {
      await session.upsert(Meta, { key: KEY, value: JSON.stringify(none) }, { onConflictAction: 'ignore' });
      return (await session.findOneOrFail(Meta, { key: KEY })).value;
    });
    const turn = new NoticeTurn(clock, value);
    const waitMs = new Date(turn.#standing.until).getTime() - clock.now().getTime();
    // A time further off than the longest wait was written by a clock that has been set back since.
    if (waitMs > 0 && waitMs <= LONGEST_MS) return null;
    return (await turn.keep()) ? turn : null;
  }

  /** Begins the time anew. False when another process has taken over. */
  keep(): Promise<boolean> {
    return this.#change({ until: this.#at(TURN_MS), failures: this.#standing.failures });
  }

  /** Somebody took a notice, or there was none: anybody may go on at once. */
  async giveBack(): Promise<void> {
    await this.#change({ until: this.#at(0), failures: 0 });
  }

  /** Nobody took it: the next try is later each time. */
  async backOff(): Promise<void> {
    const { failures } = this.#standing;
    await this.#change({ until: this.#at(Math.min(BACK_OFF_MS * 2 ** failures, LONGEST_MS)), failures: failures + 1 });
  }

  get #standing(): Standing {
    return JSON.parse(this.#value) as Standing;
  }

  #at(ms: number): string {
    return new Date(this.#clock.now().getTime() + ms).toISOString();
  }

  async #change(standing: Standing): Promise<boolean> {
    const value = JSON.stringify(standing);
    const rows = await withSystem(() => session.nativeUpdate(Meta, { key: KEY, value: this.#value }, { value }));
    this.#value = value;
    return rows === 1;
  }
}
