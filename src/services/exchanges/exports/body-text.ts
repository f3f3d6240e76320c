import { isUtf8 } from 'node:buffer';
import { buffer } from 'node:stream/consumers';
import { CHUNK_BYTES } from '../../../model/body-chunk.ts';
import type { ExchangeRecord } from '../../../db/queries/exchanges.ts';
import type { BodyStore } from '../body-store.ts';
import type { BodySide } from '../kept-body.ts';

/** A text that is too long to be held: it is read while it is written. */
export class LongText {
  readonly #read: () => AsyncIterable<string>;

  constructor(read: () => AsyncIterable<string>) {
    this.#read = read;
  }

  /** Its pieces; none ends within a character. */
  pieces(): AsyncIterable<string> {
    return this.#read();
  }
}

/** A kept body as JSON can hold it: its text where the bytes are UTF-8, else base64 (RFC 4648, section 4). */
export interface BodyText {
  readonly text: string | LongText;
  readonly isBase64: boolean;
}

/**
 * A kept body of a record; null where there is none. One of more than a chunk is read twice, piece by piece, and never
 * held as a whole. Throws `NotFound` where its bytes are gone, and `BodyDamaged`.
 */
export async function bodyText(
  bodies: BodyStore,
  workspaceId: string,
  record: ExchangeRecord,
  side: BodySide,
): Promise<BodyText | null> {
  const { requestBody, requestBodyId, responseBody, responseBodyId } = record;
  const [facts, id] = side === 'request' ? [requestBody, requestBodyId] : [responseBody, responseBodyId];
  if (!facts) return null;
  if (!id) return { text: '', isBase64: false };
  const pieces = () => bodies.chunks(workspaceId, { id, bytes: facts.bytes, sha256: facts.sha256 });
  if (facts.bytes > CHUNK_BYTES) return longText(pieces);
  const bytes = await buffer(pieces());
  return isUtf8(bytes)
    ? { text: bytes.toString(), isBase64: false }
    : { text: bytes.toString('base64'), isBase64: true };
}

async function longText(pieces: () => AsyncIterable<Uint8Array>): Promise<BodyText> {
  const isText = await isUtf8Throughout(pieces());
  return { text: new LongText(() => (isText ? decoded(pieces()) : inBase64(pieces()))), isBase64: !isText };
}

async function isUtf8Throughout(pieces: AsyncIterable<Uint8Array>): Promise<boolean> {
  try {
    for await (const _ of decoded(pieces));
    return true;
  } catch (error) {
    if (Error.isError(error) && 'code' in error && error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return false;
    throw error;
  }
}

async function* decoded(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  for await (const piece of pieces) yield decoder.decode(piece, { stream: true });
  yield decoder.decode();
}

/** Three bytes are four characters: what is left of a piece goes before the next one. */
async function* inBase64(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let rest = Buffer.alloc(0);
  for await (const piece of pieces) {
    const bytes = Buffer.concat([rest, piece]);
    const whole = bytes.length - (bytes.length % 3);
    yield bytes.toString('base64', 0, whole);
    rest = bytes.subarray(whole);
  }
  yield rest.toString('base64');
}
