import { session } from '../../db/session.ts';
import { InvalidInput, NotAllowed, NotFound } from '../../kernel/errors.ts';
import type { HeaderPairs } from '../../kernel/headers.ts';
import { type Actor, mayAct } from '../../kernel/role.ts';
import { Connection } from '../../model/connection.ts';
import { headerFaults, methodFault, resolveTarget } from '../../outbound/request-target.ts';
import { Call, type CallParts } from './call.ts';

/** A call as a person or a program writes it: a path on the connection's base URL. */
export interface Composed {
  readonly method: string;
  readonly path: string;
  readonly headers: HeaderPairs;
  readonly body: Uint8Array | null;
}

const CALL_NOTE_MS = 60_000;

/** Sends a call through a connection and writes down what came of it. */
export class RequestSender {
  readonly #parts: CallParts;

  constructor(parts: CallParts) {
    this.#parts = parts;
  }

  /**
   * Sends and records; gives the exchange's id once its record is committed, whatever came of the call.
   * Throws `NotFound`, `NotAllowed`, `InvalidInput` before a token is read; then what `TokenKeeper.fresh` throws, and
   * `QueueFull`.
   */
  async send(actor: Actor, slug: string, composed: Composed): Promise<string> {
    if (!mayAct(actor.role, 'editor')) throw new NotAllowed('Viewers may look at calls, not send them.');
    const connection = await session.findOne(Connection, { slug }, { populate: ['sealedSecrets'] });
    if (!connection) throw new NotFound('connection', slug);

    const id = await new Call(this.#parts, connection, plainRequest(connection, composed), actor.name).run();
    await this.#noteCall(connection);
    return id;
  }

  /** Notes, at most once a minute, that the connection is in use: the background keeps such grants fresh. */
  async #noteCall({ id, lastCallAt }: Connection): Promise<void> {
    const now = this.#parts.clock.now();
    if (lastCallAt && now.getTime() - lastCallAt.getTime() < CALL_NOTE_MS) return;
    await session.nativeUpdate(Connection, { id }, { lastCallAt: now });
  }
}

/** The request without credentials. Throws `InvalidInput` with all its faults. */
function plainRequest({ baseUrl, headers }: Connection, { method, path, headers: own, body }: Composed) {
  const faults = [...methodFault(method), ...headerFaults(own)];
  if (faults.length > 0) throw new InvalidInput(faults);

  const named = new Set(own.map(([name]) => name.toLowerCase()));
  const defaults = headers.filter(([name]) => !named.has(name.toLowerCase()));
  return { method, url: resolveTarget(baseUrl, path), headers: [...defaults, ...own], body };
}
