import type { Got } from './life.ts';
import { type Held, House, type Kind } from './house.ts';
import { judge } from './judge.ts';
import type { KillPoint } from './kill-points.ts';
import type { Run } from './tally.ts';
import type { Victim } from './victim-process.ts';

/** A start that is ready later than this after the kill may be too late for a grace of 30 s, whatever it does. */
const IN_TIME_MS = 25_000;

/**
 * Kills processes on one database, with one kind of provider, one after another: the process that comes after takes up
 * what was left, is asked once, and is the next to be killed.
 */
export class Killings implements AsyncDisposable {
  readonly #house: House;
  readonly #kind: Kind;
  #victim: Victim;

  private constructor(house: House, kind: Kind, victim: Victim) {
    this.#house = house;
    this.#kind = kind;
    this.#victim = victim;
  }

  static async open(kind: Kind): Promise<Killings> {
    const house = await House.open(kind);
    return new Killings(house, kind, await house.start());
  }

  /**
   * One kill at that point, judged after one further request. Null where the machine was too slow: the next process had
   * not even begun when the grace was nearly over, so the run shows nothing.
   */
  async kill(point: KillPoint): Promise<Run | null> {
    const house = this.#house;
    const spentTwice = house.provider.asked.doubleSpends;
    const held = await point.kill(house, this.#victim);
    const killedAt = performance.now();
    this.#victim = await successor(house, point, held);
    const isLate = performance.now() - killedAt > IN_TIME_MS;
    const got = await askOnce(this.#victim, held);
    const doubleSpends = house.provider.asked.doubleSpends - spentTwice;
    if (isLate && this.#kind === 'grace 30 s') return null;
    return judge({ house, point, kind: this.#kind, held, got, doubleSpends });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#house[Symbol.asyncDispose]();
  }
}

/** The process after the one that died; where a point kills twice, the one after that. */
async function successor(house: House, { diesAgainAt }: KillPoint, held: Held): Promise<Victim> {
  if (diesAgainAt !== null) {
    const again = house.begin({ diesAt: diesAgainAt });
    if ((await again.gone) !== 'SIGKILL')
      throw new Error(`A process that was to die in its recovery ended by itself. ${again.printed()}`);
    if (house.sends(held.refreshToken) > 1) throw new Error('A process that was to die asked again before.');
  }
  return house.start();
}

/** One further request, while the recovery of the start may still be at it. */
async function askOnce(victim: Victim, { place }: Held): Promise<Got> {
  const [got] = await victim.ask({ ask: 'fresh', place, callers: 1 });
  await victim.ask({ ask: 'settle' });
  if (!got) throw new Error('One caller was asked for, and none answered.');
  return got;
}
