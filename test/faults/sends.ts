import { randomInt } from 'node:crypto';
import { setTimeout as elapse } from 'node:timers/promises';
import { type BookedApi, openBookedApi } from './api-book.ts';
import type { FaultRun } from './fault-run.ts';
import { type Held, House } from './house.ts';
import { judgeSends, type Told } from './sends-judge.ts';
import type { Tally } from './tally.ts';
import type { Victim } from './victim-process.ts';

const WIDTH = 16;
const METHODS = ['POST', 'PUT', 'PATCH', 'DELETE', 'POST', 'GET'];
/** Calls begun before a kill, at least and less than. */
const BETWEEN_KILLS = [60, 140] as const;
/** The kill comes so long after, less than. */
const MOMENT_MS = 25;

/** Calls that change something, and a process that dies in the midst of them again and again. */
export const SENDS: FaultRun = {
  names: ['B6'],
  async *run({ isQuick, note }) {
    const count = isQuick ? 300 : 5_000;
    await using house = await House.open('no rotation', { accessTokenSeconds: 24 * 3600 });
    await using api = await openBookedApi();
    const sends = await Sends.open(house, api, count);
    yield* [await sends.run(note)];
  },
};

/** Lanes of senders that go on where a process died, with the one after it. */
class Sends {
  readonly #house: House;
  readonly #api: BookedApi;
  readonly #count: number;
  readonly #held: Held;
  readonly #told: Told[] = [];
  /** Complaints of the database itself, after each kill. */
  readonly #damages: string[] = [];
  #victim: Victim;
  #begun = 0;
  #kills = 0;

  private constructor(house: House, api: BookedApi, count: number, victim: Victim, held: Held) {
    this.#house = house;
    this.#api = api;
    this.#count = count;
    this.#victim = victim;
    this.#held = held;
  }

  static async open(house: House, api: BookedApi, count: number): Promise<Sends> {
    const victim = await house.start();
    return new Sends(house, api, count, victim, await house.hold(victim, house.provider.tokenUrl, api.origin));
  }

  async run(note: (line: string) => void): Promise<Tally> {
    while (this.#begun < this.#count) {
      const until = Math.min(this.#count, this.#begun + randomInt(...BETWEEN_KILLS));
      const lanes = Array.from({ length: WIDTH }, () => this.#lane(until));
      while (this.#begun < until) await elapse(1);
      await elapse(randomInt(MOMENT_MS));
      await this.#kill();
      await Promise.all(lanes);
      if (this.#kills % 10 === 0) note(`B6: ${this.#begun} calls, ${this.#kills} kills`);
    }
    const { runs, interrupted } = judgeSends(this.#house, this.#api.book, this.#told, this.#damages);
    return { fault: `B6 ${this.#count} calls, ${this.#kills} kills, ${interrupted} interrupted`, runs };
  }

  /** Sends one call after another; what it was not told is for the book and the record to agree on. */
  async #lane(until: number): Promise<void> {
    while (this.#begun < until) {
      const number = (this.#begun += 1);
      const method = METHODS[number % METHODS.length] ?? 'POST';
      const path = `/${number}`;
      const sent = await this.#victim.ask({ ask: 'send', place: this.#held.place, method, number }).catch(() => null);
      this.#told.push({ number, method, path, sent });
    }
  }

  async #kill(): Promise<void> {
    this.#victim.kill('SIGKILL');
    await this.#victim.gone;
    this.#kills += 1;
    this.#house.lookAway();
    const checked = this.#house.database.pragma('integrity_check', { simple: true });
    if (checked !== 'ok') this.#damages.push(`After kill ${this.#kills} the database says: ${String(checked)}`);
    this.#victim = await this.#house.start();
    await this.#victim.ask({ ask: 'settle' });
  }
}
