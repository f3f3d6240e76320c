import { callableConnection, type CallableConnection } from '../../db/queries/callable-connections.ts';
import { NoAnswer, NotAllowed, NotFound, TimedOut, TooLarge } from '../../kernel/errors.ts';
import type { Outcome, OutboundRequest } from '../../kernel/exchange.ts';
import { type HeaderPairs, headerValue } from '../../kernel/headers.ts';
import { type Actor, mayAct } from '../../kernel/role.ts';
import { relayedToApi } from '../../outbound/relayed-headers.ts';
import { checkMethod, resolveRawTarget } from '../../outbound/request-target.ts';
import type { BodyStore } from './body-store.ts';
import { Call, type CallParts } from './call.ts';
import { RecordedBody } from './recorded-body.ts';
import type { IncomingBody } from './relay-source.ts';
import type { RelayClient } from './relayed-answer.ts';
import { RelayedBodies } from './relayed-bodies.ts';

/** A stream of events may go on for so long. */
const EVENT_STREAM_MS = 300_000;

/** A request as a client wrote it, for an API behind a connection. */
export interface RelayRequest {
  readonly method: string;
  /** What came after the connection's slug, byte for byte: empty, or with its first slash or question mark. */
  readonly asked: string;
  readonly headers: HeaderPairs;
  readonly body: IncomingBody | null;
}

interface Parts extends CallParts {
  readonly bodies: BodyStore;
}

/** Hands a program's request on to an API and the answer back, with the grant's token put in and everything on record. */
export class Relay {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Relays one request; resolves when the client has the whole answer, or is gone. Throws `NotFound`, `NotAllowed`,
   * `TooLarge` and `InvalidInput` before a token is read; then, while nothing of an answer is out, what
   * `RequestSender.send` throws, `NoAnswer` and `TimedOut`. An answer that breaks off is cut off at the client's end too.
   */
  async relay(actor: Actor, slug: string, request: RelayRequest, client: RelayClient): Promise<void> {
    if (!mayAct(actor.role, 'editor')) throw new NotAllowed('Viewers may look at calls, not send them.');
    const connection = await callableConnection(actor.workspaceId, slug);
    if (!connection) throw new NotFound('connection', slug);

    const { maxBytes } = this.#parts.limits;
    if ((request.body?.bytes ?? 0) > maxBytes) throw tooLarge(maxBytes);
    const plain = plainRequest(connection, request);
    const bodies = this.#bodies(connection, request, client);
    const outcome = await this.#outcome(new Call(this.#parts, connection, plain, actor.name, bodies), bodies, client);
    if (outcome.kind === 'answered') return bodies.release();
    if (bodies.isOut) return client.cut();
    throw outcome.reason === 'too-large' && bodies.received > maxBytes ? tooLarge(maxBytes) : noAnswer(outcome);
  }

  async #outcome(call: Call, bodies: RelayedBodies, client: RelayClient): Promise<Outcome> {
    try {
      return (await call.run()).result.outcome;
    } catch (error) {
      // What is out already must not look like a whole answer: there is no record of it.
      if (bodies.isOut) client.cut();
      await bodies.drop().catch(sweptLater);
      throw error;
    }
  }

  #bodies({ workspaceId }: CallableConnection, { method, headers, body }: RelayRequest, client: RelayClient) {
    const { bodies, limits } = this.#parts;
    return new RelayedBodies({
      method,
      body,
      requestType: headerValue(headers, 'content-type'),
      client,
      eventStreamMs: EVENT_STREAM_MS,
      record: (masker, contentType) =>
        new RecordedBody({ bodies, workspaceId, masker, contentType, keepBytes: limits.keepBytes }),
    });
  }
}

/** The request without credentials; the connection's own headers stand in for those that are not named. */
function plainRequest({ baseUrl, headers }: CallableConnection, request: RelayRequest): OutboundRequest {
  checkMethod(request.method);
  const url = resolveRawTarget(baseUrl, request.asked);
  const own = relayedToApi(request.headers);
  const named = new Set(own.map(([name]) => name.toLowerCase()));
  const defaults = headers.filter(([name]) => !named.has(name.toLowerCase()));
  return { method: request.method, url, headers: [...defaults, ...own], body: null };
}

/** A database that took no record takes no deletion either; the store sweeps what nobody refers to. */
function sweptLater(): void {}

function noAnswer({ reason, detail }: Extract<Outcome, { kind: 'failed' }>): NoAnswer | TimedOut {
  return reason === 'timeout' ? new TimedOut(detail, { reason }) : new NoAnswer(detail, { reason });
}

function tooLarge(maxBytes: number): TooLarge {
  return new TooLarge(`A relayed request holds at most ${maxBytes / 2 ** 20} MiB.`);
}
