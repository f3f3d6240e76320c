import { session } from '../../db/session.ts';
import type { Clock } from '../../kernel/clock.ts';
import { NotAllowed, NotFound } from '../../kernel/errors.ts';
import { type Actor, mayAct } from '../../kernel/role.ts';
import { Pin } from '../../model/pin.ts';
import type { ExchangeHistory } from './exchange-history.ts';

interface Parts {
  readonly clock: Clock;
  readonly history: ExchangeHistory;
}

/** Pins exchanges, so that retention leaves them alone. */
export class ExchangePins {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The exchange's pin, or null. */
  async find(exchangeId: string): Promise<Pin | null> {
    return session.findOne(Pin, { exchangeId }, { refresh: true });
  }

  /** As `find`. Throws `NotFound` also where the exchange is there without a pin. */
  async get(exchangeId: string): Promise<Pin> {
    const pin = await this.find((await this.#parts.history.find(exchangeId)).id);
    if (!pin) throw new NotFound('pin on exchange', exchangeId);
    return pin;
  }

  /** Pins an exchange, or writes another note on its pin. Throws `NotAllowed`, `NotFound`. */
  async pin(actor: Actor, exchangeId: string, note: string): Promise<Pin> {
    refuseViewers(actor);
    const { workspaceId, name: pinnedBy } = actor;
    const said = { note, pinnedBy, pinnedAt: this.#parts.clock.now() };
    await session.transactional(async () => {
      const { id } = await this.#parts.history.find(exchangeId);
      const rows = await session.nativeUpdate(Pin, { exchangeId: id }, said);
      if (rows === 0) await session.insert(Pin, { exchangeId: id, workspaceId, ...said });
    });
    return this.get(exchangeId);
  }

  /** Takes the pin away, if there is one. Throws `NotAllowed`, `NotFound`. */
  async unpin(actor: Actor, exchangeId: string): Promise<void> {
    refuseViewers(actor);
    await this.#parts.history.find(exchangeId);
    await session.nativeDelete(Pin, { exchangeId });
  }
}

function refuseViewers({ role }: Actor): void {
  if (!mayAct(role, 'editor')) throw new NotAllowed('Viewers may look at pins, not change them.');
}
