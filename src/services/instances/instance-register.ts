import { instancesWithPending } from '../../db/queries/exchanges.ts';
import { session } from '../../db/session.ts';
import { withSystem } from '../../db/system.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Instances } from '../../kernel/instance.ts';
import { Exchange } from '../../model/exchange.ts';
import { Instance } from '../../model/instance.ts';

interface Parts {
  readonly clock: Clock;
  readonly instances: Instances;
  readonly version: string;
  /** The key this process seals with. */
  readonly keyId: string;
}

/** What a dead process left behind. */
export interface LeftBehind {
  readonly instances: readonly string[];
  readonly interrupted: number;
}

/** Says that this process lives, and closes what dead ones left open; a live neighbour's work is never touched. */
export class InstanceRegister {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Enters this process. */
  async enter(): Promise<void> {
    const { clock, instances, version, keyId } = this.#parts;
    const now = clock.now();
    await withSystem(() =>
      session.insert(Instance, {
        id: instances.self,
        version,
        pid: process.pid,
        keyId,
        startedAt: now,
        heartbeatAt: now,
      }),
    );
  }

  async beat(): Promise<void> {
    await withSystem(() =>
      session.nativeUpdate(Instance, { id: this.#parts.instances.self }, { heartbeatAt: this.#parts.clock.now() }),
    );
  }

  async leave(): Promise<void> {
    await withSystem(() => session.nativeDelete(Instance, { id: this.#parts.instances.self }));
  }

  /** Marks the pending exchanges of dead processes as `interrupted`, finished when that was found, and forgets those processes. */
  async closeDead(): Promise<LeftBehind> {
    const dead = await this.#dead();
    const found = { ...INTERRUPTED, finishedAt: this.#parts.clock.now() };
    const interrupted = await withSystem(() =>
      session.nativeUpdate(Exchange, { outcome: 'pending', instanceId: { $in: dead } }, found),
    );
    await withSystem(() => session.nativeDelete(Instance, { id: { $in: dead } }));
    return { instances: dead, interrupted };
  }

  async #dead(): Promise<string[]> {
    const { instances } = this.#parts;
    const entered = await withSystem(() => session.find(Instance, {}, { fields: ['id'] }));
    const known = new Set([...entered.map(({ id }) => id), ...(await withSystem(instancesWithPending))]);
    const others = [...known].filter((id) => id !== instances.self);
    const alive = await Promise.all(others.map((id) => instances.isAlive(id)));
    return others.filter((_, index) => !alive[index]);
  }
}

const INTERRUPTED = {
  outcome: 'interrupted' as const,
  detail: 'The process that sent this call ended before its answer was kept. Whether the call arrived is not known.',
};
