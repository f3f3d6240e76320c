import { callableConnection, type CallableConnection } from '../../db/queries/callable-connections.ts';
import { type FieldFault, InvalidInput, NotAllowed, NotFound } from '../../kernel/errors.ts';
import type { OutboundRequest } from '../../kernel/exchange.ts';
import type { HeaderPairs } from '../../kernel/headers.ts';
import { type Actor, mayAct } from '../../kernel/role.ts';
import { headerFaults, methodFault, resolveTarget } from '../../outbound/request-target.ts';
import { Call, type CallParts } from './call.ts';
import { markerFaults } from './marker-faults.ts';

/** A call as a person or a program writes it: a path on the connection's base URL. */
export interface Composed {
  readonly method: string;
  readonly path: string;
  /** Added to the path's own query, percent-encoded. */
  readonly query?: HeaderPairs | undefined;
  readonly headers: HeaderPairs;
  readonly body: Uint8Array | null;
}

/** A request body is never larger; relays stream and have a limit of their own. */
const MAX_BODY_BYTES = 16 * 2 ** 20;

/** Sends a call through a connection and writes down what came of it. */
export class RequestSender {
  readonly #parts: CallParts;

  constructor(parts: CallParts) {
    this.#parts = parts;
  }

  /**
   * Sends and records; gives the exchange's id once its record is committed, whatever came of the call.
   * Throws `NotFound`, `NotAllowed`, `InvalidInput` before a token is read; then what `TokenKeeper.fresh` throws,
   * `Conflict` when the connection changed meanwhile, `QueueFull`, and `DatabaseBusy`, which says whether it was sent.
   */
  async send(actor: Actor, slug: string, composed: Composed): Promise<string> {
    if (!mayAct(actor.role, 'editor')) throw new NotAllowed('Viewers may look at calls, not send them.');
    const connection = await callableConnection(actor.workspaceId, slug);
    if (!connection) throw new NotFound('connection', slug);
    return (await new Call(this.#parts, connection, plainRequest(connection, composed), actor.name).run()).id;
  }
}

/** The request without credentials. Throws `InvalidInput` with all its faults. */
function plainRequest({ baseUrl, headers }: CallableConnection, composed: Composed): OutboundRequest {
  const { method, headers: own, body } = composed;
  const { url, faults: pathFaults } = targetOf(baseUrl, composed);
  const faults = [
    ...methodFault(method),
    ...pathFaults,
    ...headerFaults(own),
    ...bodyFault(body),
    ...markerFaults(composed),
  ];
  if (faults.length > 0) throw new InvalidInput(faults);

  const named = new Set(own.map(([name]) => name.toLowerCase()));
  const defaults = headers.filter(([name]) => !named.has(name.toLowerCase()));
  return { method, url, headers: [...defaults, ...own], body };
}

function targetOf(baseUrl: string, { path, query }: Composed): { url: string; faults: readonly FieldFault[] } {
  try {
    return { url: resolveTarget(baseUrl, path, query), faults: [] };
  } catch (error) {
    if (error instanceof InvalidInput) return { url: '', faults: error.errors };
    throw error;
  }
}

function bodyFault(body: Uint8Array | null): FieldFault[] {
  const isOver = body !== null && body.byteLength > MAX_BODY_BYTES;
  return isOver ? [{ pointer: '/body', detail: 'A request body holds at most 16 MiB.' }] : [];
}
