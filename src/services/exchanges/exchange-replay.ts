import { session } from '../../db/session.ts';
import { Conflict, type FieldFault, InvalidInput, NotAllowed } from '../../kernel/errors.ts';
import { type Actor, mayAct } from '../../kernel/role.ts';
import { Connection } from '../../model/connection.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { ExchangeHistory } from './exchange-history.ts';
import type { RequestSender } from './request-sender.ts';
import { type TypedRequest, typedRequest } from './typed-request.ts';

interface Parts {
  readonly history: ExchangeHistory;
  readonly sender: RequestSender;
}

/** Sends what is on record once more: the same request, with the credentials and limits its connection has now. */
export class ExchangeReplay {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Gives the new exchange's id once it is on record. Throws `NotFound`; `Conflict` where the connection is gone;
   * `InvalidInput` where the record is not the whole request, with a pointer into the exchange's JSON for each place;
   * and what `RequestSender.send` throws.
   */
  async replay(actor: Actor, id: string): Promise<string> {
    if (!mayAct(actor.role, 'editor')) throw new NotAllowed('Viewers may look at calls, not send them.');
    const { exchange, requestBody } = await this.#parts.history.show(id, { response: 0 });
    refuse(recordFaults(exchange));
    const { connectionId: at } = exchange;
    const connection = at ? await session.findOne(Connection, { id: at }) : null;
    if (!connection)
      throw new Conflict(`${exchange.connectionName} is gone, and with it what this call was authorised with.`);

    const typed = typedRequest({ connection, exchange });
    refuse(typed.isOnBase ? [] : [ELSEWHERE]);
    const { path, headers } = typed;
    const pairs = headers.map(({ name, value }) => [name, value] as const);
    const { method } = exchange;
    return this.#parts.sender
      .send(actor, connection.slug, { method, path, headers: pairs, body: requestBody })
      .catch((error: unknown) => {
        throw error instanceof InvalidInput ? inTheRecord(error, typed) : error;
      });
  }
}

const ELSEWHERE: FieldFault = {
  pointer: '/url',
  detail: 'The connection’s base URL is another one by now. Open the call in the composer and send it from there.',
};

function recordFaults({ kind, requestBody }: Exchange): FieldFault[] {
  const isCut = requestBody?.truncated ?? false;
  return [
    ...(kind === 'call' ? [] : [{ pointer: '/kind', detail: 'Only calls are sent again.' }]),
    ...(isCut ? [{ pointer: '/requestBody', detail: 'The body is not on record as a whole.' }] : []),
  ];
}

/** The same faults, each at its place in the exchange. */
function inTheRecord({ errors }: InvalidInput, { headers }: TypedRequest): InvalidInput {
  const places: Readonly<Record<string, string>> = { '/path': '/url', '/body': '/requestBody' };
  const pointerOf = (pointer: string) => {
    const at = /^\/headers\/(\d+)$/.exec(pointer)?.[1];
    return at === undefined ? (places[pointer] ?? pointer) : `/requestHeaders/${headers[Number(at)]?.at}`;
  };
  return new InvalidInput(errors.map(({ pointer, detail }) => ({ pointer: pointerOf(pointer), detail })));
}

function refuse(faults: readonly FieldFault[]): void {
  if (faults.length > 0) throw new InvalidInput(faults);
}
