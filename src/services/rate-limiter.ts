import type { Clock } from '../kernel/clock.ts';
import { TooMany } from '../kernel/errors.ts';
import { RateLimit } from '../model/rate-limit.ts';
import { session } from '../db/session.ts';
import { withSystem } from '../db/system.ts';

const COUNT = `
  insert into rate_limit (key, count, window_ends_at) values (?, 1, ?)
  on conflict (key) do update set
    count = case when rate_limit.window_ends_at <= ? then 1 else rate_limit.count + 1 end,
    window_ends_at = case when rate_limit.window_ends_at <= ? then excluded.window_ends_at else rate_limit.window_ends_at end
  returning count, window_ends_at as "windowEndsAt"`;
const GIVE_BACK = 'update rate_limit set count = count - 1 where key = ? and count > 0';

/** How often something may be tried in a window of time that begins with the first try. */
export interface Limit {
  /** Such as `sign-in:account`. */
  readonly name: string;
  readonly most: number;
  readonly windowMs: number;
}

interface Parts {
  readonly clock: Clock;
  /** Turns an account or an address into a keyed hash, so that the table names nobody. */
  readonly hash: (subject: string) => string;
}

/** Counts tries in the database, so that all processes count together and a restart forgets nothing. */
export class RateLimiter {
  readonly #clock: Clock;
  readonly #hash: Parts['hash'];

  constructor({ clock, hash }: Parts) {
    this.#clock = clock;
    this.#hash = hash;
  }

  /** Counts one try, before it is made: tries at the same time cannot pass together. Throws `TooMany`. */
  async take(limit: Limit, subject: string): Promise<void> {
    const now = this.#clock.now().getTime();
    const counted = await withSystem(() =>
      session.execute<{ count: number; windowEndsAt: number }[]>(COUNT, [
        this.#key(limit, subject),
        now + limit.windowMs,
        now,
        now,
      ]),
    );
    const { count = 0, windowEndsAt = now } = counted[0] ?? {};
    if (count <= limit.most) return;
    throw new TooMany('Too many tries. Wait a little and try again.', Math.ceil((windowEndsAt - now) / 1000));
  }

  /** Takes one try back: it was no failure after all. */
  async giveBack(limit: Limit, subject: string): Promise<void> {
    await withSystem(() => session.execute(GIVE_BACK, [this.#key(limit, subject)]));
  }

  /** Forgets every try of one subject. */
  async clear(limit: Limit, subject: string): Promise<void> {
    await withSystem(() => session.nativeDelete(RateLimit, { key: this.#key(limit, subject) }));
  }

  /** Deletes what is counted no longer; gives the number of rows. */
  async forgetEnded(): Promise<number> {
    return withSystem(() => session.nativeDelete(RateLimit, { windowEndsAt: { $lte: this.#clock.now() } }));
  }

  #key({ name }: Limit, subject: string): string {
    return `${name}:${this.#hash(subject)}`;
  }
}
