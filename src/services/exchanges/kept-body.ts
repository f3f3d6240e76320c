import { NotFound } from '../../kernel/errors.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { BodyStore } from './body-store.ts';

/** Which body of an exchange. */
export type BodySide = 'request' | 'response';

/** A kept body: its size, and its bytes piece by piece. */
export interface KeptBytes {
  readonly exchange: Exchange;
  readonly bytes: number;
  /** May be read once, also after the session that found it has ended. */
  readonly pieces: AsyncIterable<Uint8Array>;
}

/** The kept body of one side of an exchange. Throws `NotFound` where there is none. */
export function keptBytes(bodies: BodyStore, exchange: Exchange, side: BodySide): KeptBytes {
  const { workspaceId, id, requestBody, requestBodyId, responseBody, responseBodyId } = exchange;
  const [facts, bodyId] = side === 'request' ? [requestBody, requestBodyId] : [responseBody, responseBodyId];
  if (!facts) throw new NotFound(`${side} body of exchange`, id);
  const { bytes, sha256 } = facts;
  return { exchange, bytes, pieces: bodies.chunks(workspaceId, { id: bodyId ?? null, bytes, sha256 }) };
}
