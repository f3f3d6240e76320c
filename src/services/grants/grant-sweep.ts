import { dueGrants, leasedGrants, orphanedAttempts, type SeenGrant } from '../../db/queries/grants-due.ts';
import { session, withSession } from '../../db/session.ts';
import { withSystem } from '../../db/system.ts';
import type { Clock } from '../../kernel/clock.ts';
import { AppError } from '../../kernel/errors.ts';
import type { Instances } from '../../kernel/instance.ts';
import type { Logger } from '../../kernel/logger.ts';
import { RefreshAttempt } from '../../model/refresh-attempt.ts';
import { claimTurn } from '../claimed-turn.ts';
import { INTERRUPTED } from './attempt-end.ts';
import { FlightPlaces } from './flight-places.ts';
import { ANY_FRESH } from './grant-verdict.ts';
import type { GrantPlace, TokenKeeper } from './token-keeper.ts';

/** How often grants are looked at, and how long a call counts as use. */
export const SWEEP_MS = 60_000;
const SWEEP_JITTER = 0.1;
/** A little earlier than any ticker comes again. */
const NEXT_SWEEP_MS = SWEEP_MS * (1 - SWEEP_JITTER) * 0.9;
const IN_USE_MS = 24 * 60 * 60_000;

/** The row that tells when the next sweep is due, whoever makes it. */
const CLAIM = { key: 'grant-sweep', nextMs: NEXT_SWEEP_MS, latestMs: SWEEP_MS };

interface Parts {
  readonly clock: Clock;
  readonly keeper: TokenKeeper;
  readonly instances: Instances;
  readonly logger: Logger;
}

/** Renews in the background what will be due before the next look, for connections in use or marked *keep alive*. */
export class GrantSweep {
  readonly #parts: Parts;
  /** A thousand grants that are due at once are read a few at a time, or every page would wait behind them. */
  readonly #places = new FlightPlaces();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** One look, if no other process has had it; gives how many grants were looked after. */
  async sweep(): Promise<number> {
    if (!(await claimTurn(this.#parts.clock, CLAIM))) return 0;
    await this.recover();
    const now = this.#parts.clock.now();
    const aheadMs = SWEEP_MS * (1 + SWEEP_JITTER);
    const places = await withSystem(() => dueGrants({ now, usedSince: new Date(now.getTime() - IN_USE_MS) }));
    await this.#lookAfter(places, aheadMs);
    return places.length;
  }

  /** Takes up renewals that a dead process, or one that took too long, left without an answer. At start, and with each look. */
  async recover(): Promise<number> {
    await this.#closeOrphans();
    const held = await withSystem(() => leasedGrants(this.#parts.clock.now()));
    const lost = [];
    for (const grant of held) {
      const isAlive = !grant.isOver && (await this.#parts.instances.isAlive(grant.leaseInstance));
      if (!isAlive) lost.push(grant);
    }
    await this.#lookAfter(lost, 0, true);
    return lost.length;
  }

  /** Attempts whose grant has moved on since, by consent or by an edit, and whose process will not end them any more. */
  async #closeOrphans(): Promise<void> {
    const { clock, instances } = this.#parts;
    const now = clock.now();
    const lost: string[] = [];
    for (const { id, instanceId, isOver } of await withSystem(() => orphanedAttempts(now))) {
      if (isOver || !(await instances.isAlive(instanceId))) lost.push(id);
    }
    if (lost.length === 0) return;
    await withSystem(() =>
      session.nativeUpdate(RefreshAttempt, { id: { $in: lost }, state: 'intent' }, { ...INTERRUPTED, endedAt: now }),
    );
  }

  /** Each grant in a scope of its own, so that one that fails spoils no other. */
  async #lookAfter(grants: readonly SeenGrant[], aheadMs: number, renews = false): Promise<void> {
    await Promise.all(
      grants.map(async ({ workspaceId, connectionId, generation, tokenUrl }) => {
        const leave = await this.#places.take({ tokenUrl }, SWEEP_MS);
        // A provider this slow is asked again with the next look.
        if (!leave) return;
        const place = { workspaceId, connectionId };
        const wish = { ...ANY_FRESH, aheadMs, ...(renews && { above: generation }) };
        await withSession(workspaceId, () => this.#parts.keeper.fresh(place, wish))
          .catch((error: unknown) => this.#note(place, error))
          .finally(leave);
      }),
    );
  }

  #note({ connectionId }: GrantPlace, error: unknown): void {
    const isAnswer = error instanceof AppError;
    this.#parts.logger[isAnswer ? 'info' : 'error'](
      { connectionId, err: error },
      'A grant could not be renewed in the background.',
    );
  }
}
