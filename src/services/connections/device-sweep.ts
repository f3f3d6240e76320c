import { session } from '../../db/session.ts';
import { withSystem } from '../../db/system.ts';
import { DeviceAttempt } from '../../model/device-attempt.ts';
import { DevicePoll, type DevicePollParts } from './device-poll.ts';
import type { AttemptPlace } from './device-turn.ts';

/** How often it is looked whose turn it is; providers are asked by their own interval. */
export const DEVICE_LOOK_MS = 1_000;

/** Polls that one look begins at most. */
const AT_ONCE = 100;

/**
 * Asks in the background how consents on other devices stand, whatever became of the page or the process that started
 * them: what is due stands in the table.
 */
export class DeviceSweep {
  readonly #parts: DevicePollParts;
  readonly #poll: DevicePoll;
  readonly #flights = new Set<Promise<void>>();

  constructor(parts: DevicePollParts) {
    this.#parts = parts;
    this.#poll = new DevicePoll(parts);
  }

  /** Begins a poll for each that is due, and waits for none: a slow provider holds up nobody else. */
  async sweep(): Promise<void> {
    const now = this.#parts.clock.now();
    const due = await withSystem(() =>
      session.find(
        DeviceAttempt,
        { state: 'pending', nextPollAt: { $lte: now } },
        { fields: ['id', 'workspaceId'], orderBy: { nextPollAt: 'asc' }, limit: AT_ONCE },
      ),
    );
    for (const { id, workspaceId } of due) this.#launch({ id, workspaceId });
  }

  /** Resolves when no poll is under way any more. */
  async landed(): Promise<void> {
    while (this.#flights.size > 0) await Promise.all(this.#flights);
  }

  #launch(place: AttemptPlace): void {
    const flight = this.#poll
      .poll(place)
      .catch((err: unknown) =>
        this.#parts.logger.error({ attempt: place.id, err }, 'A consent on another device could not be asked for.'),
      )
      .finally(() => this.#flights.delete(flight));
    this.#flights.add(flight);
  }
}
