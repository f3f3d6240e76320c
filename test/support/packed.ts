import { zstdDecompressSync } from 'node:zlib';
import { rowsOf } from './kept-exchanges.ts';

/** What a frame of Zstandard begins with (RFC 8878, section 3.1.1). */
const MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

/** Every chunk of every body in a database, unpacked, those of a body in order. */
export function keptChunks(databaseFile: string): Buffer[] {
  return rowsOf(databaseFile, 'select coding, content from body_chunk order by body_id, position').map(
    ({ coding, content }) => (coding === 'zstd' ? zstdDecompressSync(content as Buffer) : (content as Buffer)),
  );
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
