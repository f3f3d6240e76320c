import type { GrantFacts } from '../../db/queries/grants.ts';
import { isLeased, LEASE_MS } from './grant-clock.ts';

interface Sighting {
  readonly fence: number;
  /** Until when it is left alone though the clock says that it is over; by `elapsed`, in milliseconds. */
  readonly until: number;
}

type Leased = Pick<GrantFacts, 'id' | 'fence' | 'leaseUntil'>;

/**
 * Tells whether a living neighbour still holds a lease, though the two clocks may differ by days. A lease that was not
 * seen to run by our clock is given its whole length from the moment it was first seen.
 */
export class LeaseSightings {
  readonly #elapsed: () => number;
  /** By grant. */
  readonly #seen = new Map<string, Sighting>();

  /** `elapsed` gives milliseconds that no setting of the clock moves. */
  constructor(elapsed: () => number = () => performance.now()) {
    this.#elapsed = elapsed;
  }

  /** True while the lease is to be left alone. */
  isHeld(grant: Leased, now: Date): boolean {
    const runs = isLeased(grant, now);
    const known = this.#seen.get(grant.id);
    const sighting =
      known?.fence === grant.fence ? known : { fence: grant.fence, until: runs ? 0 : this.#elapsed() + LEASE_MS };
    this.#seen.set(grant.id, sighting);
    return runs || this.#elapsed() < sighting.until;
  }

  /** Nobody holds it any more. */
  forget({ id }: Pick<Leased, 'id'>): void {
    this.#seen.delete(id);
  }
}
