import { bodyChunk } from '../../db/queries/body-chunks.ts';
import { withSession } from '../../db/session.ts';
import { NotFound } from '../../kernel/errors.ts';
import type { Exchange } from '../../model/exchange.ts';

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
export function keptBytes(exchange: Exchange, side: BodySide): KeptBytes {
  const { workspaceId, id, requestBody, requestBodyId, responseBody, responseBodyId } = exchange;
  const [facts, bodyId] = side === 'request' ? [requestBody, requestBodyId] : [responseBody, responseBodyId];
  if (!facts) throw new NotFound(`${side} body of exchange`, id);
  return { exchange, bytes: facts.bytes, pieces: pieces(workspaceId, bodyId ?? '', facts.bytes) };
}

/** Each piece is read in a scope of its own: nobody knows how slowly the other end takes them. */
async function* pieces(workspaceId: string, bodyId: string, bytes: number): AsyncGenerator<Uint8Array> {
  let given = 0;
  for (let position = 0; given < bytes; position += 1) {
    const piece = await withSession(workspaceId, () => bodyChunk(workspaceId, bodyId, position));
    if (!piece) throw new NotFound('body', bodyId);
    given += piece.length;
    yield piece;
  }
}
