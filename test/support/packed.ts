import { zstdDecompressSync } from 'node:zlib';
import type { Database } from 'better-sqlite3';
import { rowsOf } from './kept-exchanges.ts';

/** What a frame of Zstandard begins with (RFC 8878, section 3.1.1). */
const MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

/** A chunk as it lies in the database. */
interface Chunk {
  readonly coding: string;
  readonly content: Buffer;
}

/** Every chunk of every body in a database, unpacked, those of a body in order. */
export function keptChunks(databaseFile: string): Buffer[] {
  const rows = rowsOf(databaseFile, 'select coding, content from body_chunk order by body_id, position');
  return (rows as unknown as Chunk[]).map(unpacked);
}

/** The chunks of one body, unpacked and in order. */
export function keptChunksOf(database: Database, bodyId: string): Buffer[] {
  const rows = database
    .prepare('select coding, content from body_chunk where body_id = ? order by position')
    .all(bodyId);
  return (rows as Chunk[]).map(unpacked);
}

/** What is packed anywhere in these bytes, as far as it lies in one piece: a deleted row does until its page is used. */
export function packedIn(bytes: Buffer): Buffer {
  const found: Buffer[] = [];
  for (let at = bytes.indexOf(MAGIC); at >= 0; at = bytes.indexOf(MAGIC, at + 1)) {
    try {
      found.push(zstdDecompressSync(bytes.subarray(at, at + 2 ** 20), { maxOutputLength: 2 ** 20 }));
    } catch {
      // Not a frame, or one that goes on elsewhere: `keptChunks` has those that are rows.
    }
  }
  return Buffer.concat(found);
}

function unpacked({ coding, content }: Chunk): Buffer {
  return coding === 'zstd' ? zstdDecompressSync(content) : content;
}
