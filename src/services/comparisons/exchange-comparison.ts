import { exchangeBefore } from '../../db/queries/exchange-before.ts';
import type { Exchange, RequestBodyFacts, ResponseBodyFacts } from '../../model/exchange.ts';
import type { BodyStore } from '../exchanges/body-store.ts';
import type { ExchangeHistory } from '../exchanges/exchange-history.ts';
import type { BodySide } from '../exchanges/kept-body.ts';
import { headerValue } from '../../kernel/headers.ts';
import type { ComparisonThreads } from './comparison-threads.ts';
import type { Difference } from './difference.ts';

/** Longer bodies are compared by their hashes. */
const COMPARED_BYTES = 2 ** 20;

/** The bodies of one side of two exchanges. `same`: what is kept of them is equal, byte for byte. */
export interface BodyPair {
  readonly left: BodyFacts | null;
  readonly right: BodyFacts | null;
  readonly verdict: 'none' | 'same' | 'one' | 'different';
  /** Null where there is nothing to tell apart. */
  readonly difference: Difference | null;
}
export type BodyFacts = RequestBodyFacts | ResponseBodyFacts;

/** Two exchanges, the earlier one on the left. */
export interface ComparedExchanges {
  readonly left: Exchange;
  readonly right: Exchange;
  readonly request: BodyPair;
  readonly response: BodyPair;
}

interface Parts {
  readonly history: ExchangeHistory;
  readonly bodies: BodyStore;
  readonly threads: ComparisonThreads;
}

/** Tells two exchanges of a workspace apart. */
export class ExchangeComparison {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Two exchanges by their ids. Throws `NotFound`, `Gone`. */
  async compare(first: string, second: string): Promise<ComparedExchanges> {
    const { history } = this.#parts;
    const pair = [await history.find(first), await history.find(second)] as const;
    const [left, right] = isBefore(pair[1], pair[0]) ? [pair[1], pair[0]] : pair;
    return {
      left,
      right,
      request: await this.#bodies(left, right, 'request'),
      response: await this.#bodies(left, right, 'response'),
    };
  }

  /** The exchange of the same connection, method and path before this one, or null where none is among the last ones. */
  async before({ workspaceId, connectionId, kind, method, url, startedAt, id }: Exchange): Promise<string | null> {
    if (!connectionId) return null;
    const [path = url] = url.split('?', 1);
    return exchangeBefore({ workspaceId, connectionId, kind, method, path, startedAt: startedAt.getTime(), id });
  }

  async #bodies(left: Exchange, right: Exchange, side: BodySide): Promise<BodyPair> {
    const [one, other] = [partOf(left, side), partOf(right, side)];
    const facts = { left: one.facts, right: other.facts };
    if (!one.facts || !other.facts) {
      const isNone = (one.facts?.bytes ?? 0) === (other.facts?.bytes ?? 0);
      return { ...facts, verdict: isNone ? 'none' : 'one', difference: null };
    }
    if (one.facts.sha256 === other.facts.sha256) return { ...facts, verdict: 'same', difference: null };
    return { ...facts, verdict: 'different', difference: await this.#difference(one, other) };
  }

  async #difference(left: Part, right: Part): Promise<Difference> {
    if (Math.max(left.facts?.bytes ?? 0, right.facts?.bytes ?? 0) > COMPARED_BYTES)
      return { how: 'hash', notes: ['Bodies of more than 1 MiB are compared by their hashes.'] };
    const [one, other] = [await this.#read(left), await this.#read(right)];
    return this.#parts.threads.compare({ left: one, right: other });
  }

  async #read({ bodyId, contentType }: Part) {
    return { bytes: bodyId ? await this.#parts.bodies.read(bodyId) : new Uint8Array(), contentType };
  }
}

interface Part {
  readonly facts: BodyFacts | null;
  readonly bodyId: string | null;
  readonly contentType: string | null;
}

function partOf(exchange: Exchange, side: BodySide): Part {
  const isRequest = side === 'request';
  return {
    facts: (isRequest ? exchange.requestBody : exchange.responseBody) ?? null,
    bodyId: (isRequest ? exchange.requestBodyId : exchange.responseBodyId) ?? null,
    contentType: headerValue((isRequest ? exchange.requestHeaders : exchange.responseHeaders) ?? [], 'content-type'),
  };
}

function isBefore(one: Exchange, other: Exchange): boolean {
  const [first, second] = [one.startedAt.getTime(), other.startedAt.getTime()];
  return first < second || (first === second && one.id < other.id);
}
