import { createHash } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import { CHUNK_BYTES } from '../../model/body-chunk.ts';
import { type PackedChunk, packChunk } from './packed-chunk.ts';

/** A body in hand, ready to be written down. */
export interface PackedBody {
  readonly bytes: number;
  /** SHA-256 (hex) of the bytes, before they were packed. */
  readonly sha256: string;
  readonly chunks: readonly PackedChunk[];
}

/** Cuts masked bytes into chunks and packs them, while others get their turn. Before a transaction, not in it. */
export async function packBody(bytes: Uint8Array): Promise<PackedBody> {
  const hash = createHash('sha256');
  const chunks: PackedChunk[] = [];
  for (let start = 0; start < bytes.length; start += CHUNK_BYTES) {
    if (start > 0) await breathe();
    const chunk = bytes.subarray(start, start + CHUNK_BYTES);
    hash.update(chunk);
    chunks.push(await packChunk(chunk));
  }
  return { bytes: bytes.length, sha256: hash.digest('hex'), chunks };
}
