import { setImmediate as breathe } from 'node:timers/promises';
import type { MaskedBody, Masker } from '../../kernel/masker.ts';

/** Bytes masked at once: others get their turn after each block. */
const BLOCK_BYTES = 64 * 1024;

/** As `Masker.body`, without holding the event loop for long, however large the body is or cunningly made. */
export async function maskBody(
  masker: Masker,
  bytes: Uint8Array,
  contentType: string | null,
  isCut = false,
): Promise<MaskedBody> {
  if (bytes.length <= BLOCK_BYTES) return masker.body(bytes, contentType, isCut);
  const stream = masker.bodyStream(contentType);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
    parts.push(stream.push(bytes.subarray(at, at + BLOCK_BYTES)));
    await breathe();
  }
  parts.push(stream.end(isCut));
  return stream.masked ? { bytes: Buffer.concat(parts), masked: true } : { bytes, masked: false };
}
