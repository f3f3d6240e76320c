import { promisify } from 'node:util';
import { constants, zstdCompress, zstdCompressSync, zstdDecompress, zstdDecompressSync } from 'node:zlib';
import { AppError } from '../../kernel/errors.ts';
import { CHUNK_BYTES, type ChunkCoding } from '../../model/body-chunk.ts';

/** Fewer bytes fit into the page of their row, packed or not. */
const TINY_BYTES = 1024;
/** Up to here packing takes a tenth of a millisecond, and another thread would cost more than it saves. */
const AT_ONCE_BYTES = 16 * 1024;
/** Packed bytes are kept only where they are at most that part of the plain ones. */
const WORTH = 0.9;

/** Fast, since every call waits for it; with a checksum, so that damage shows. */
const PACKING = { params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 } };
const UNPACKING = { maxOutputLength: CHUNK_BYTES };

const packAside = promisify(zstdCompress);
const unpackAside = promisify(zstdDecompress);

/** A chunk as it is stored. */
export interface PackedChunk {
  readonly coding: ChunkCoding;
  readonly content: Uint8Array;
}

/** A kept body that is not what was written. What came before the damage may have been given out. */
export class BodyDamaged extends AppError {
  readonly code = 'unexpected';

  constructor(what: string, options?: ErrorOptions) {
    super(
      `A kept body is damaged: ${what}. Its database file has been changed or has decayed; look at a backup.`,
      {},
      options,
    );
  }
}

/** Packs a chunk by Zstandard (RFC 8878) where that helps; where it does not, the content is `bytes` themselves. */
export async function packChunk(bytes: Uint8Array): Promise<PackedChunk> {
  if (bytes.length < TINY_BYTES) return { coding: 'identity', content: bytes };
  const isLarge = bytes.length > AT_ONCE_BYTES;
  const content = isLarge ? await packAside(bytes, PACKING) : zstdCompressSync(bytes, PACKING);
  return content.length <= WORTH * bytes.length ? { coding: 'zstd', content } : { coding: 'identity', content: bytes };
}

/** The bytes of a stored chunk. `position` is for the message. Throws `BodyDamaged`. */
export async function unpackChunk({ coding, content }: PackedChunk, position: number): Promise<Uint8Array> {
  if (coding === 'identity') return content;
  const isLarge = content.length > AT_ONCE_BYTES;
  try {
    return isLarge ? await unpackAside(content, UNPACKING) : zstdDecompressSync(content, UNPACKING);
  } catch (error) {
    throw new BodyDamaged(`its chunk ${position} does not unpack`, { cause: error });
  }
}
