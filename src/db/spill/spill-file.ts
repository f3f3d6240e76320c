import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';

/** A record begins at a multiple of this many bytes. */
const BLOCK = 512;
/** No text begins like this: what is spilled is printable. */
const MAGIC = 0x9e_53_50_31;
const HEAD_BYTES = 12;

/** Where a record stands in its file, in bytes. */
export interface Spot {
  readonly at: number;
  readonly bytes: number;
}

/** A file as it was read: whole records, and how many there are that are not. */
export interface SpillReading {
  readonly records: readonly (Spot & { readonly text: string })[];
  readonly broken: number;
}

/**
 * A file of records: mark, length and CRC-32 of the text in big-endian order, then the text in UTF-8, each from the
 * beginning of a block. What was forgotten is zeros. Every change is on the disk when its promise resolves.
 */
export class SpillFile {
  readonly #handle: FileHandle;

  private constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** Makes a file of so many zeros, for its owner only. Throws where the disk has no room for it. */
  static async make(path: string, bytes: number): Promise<SpillFile> {
    const file = new SpillFile(await open(path, 'wx+', 0o600));
    try {
      await file.#put(0, Buffer.alloc(bytes));
      await syncFolder(dirname(path));
      return file;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  static async open(path: string): Promise<SpillFile> {
    return new SpillFile(await open(path, 'r+'));
  }

  /** How much room a text takes. */
  static bytesFor(text: string): number {
    return Math.ceil((HEAD_BYTES + Buffer.byteLength(text)) / BLOCK) * BLOCK;
  }

  async write(at: number, text: string): Promise<void> {
    const record = Buffer.alloc(SpillFile.bytesFor(text));
    const bytes = Buffer.from(text);
    record.writeUInt32BE(MAGIC, 0);
    record.writeUInt32BE(bytes.length, 4);
    record.writeUInt32BE(crc32(bytes), 8);
    bytes.copy(record, HEAD_BYTES);
    await this.#put(at, record);
  }

  async zero({ at, bytes }: Spot): Promise<void> {
    await this.#put(at, Buffer.alloc(bytes));
  }

  async read(): Promise<SpillReading> {
    const { size } = await this.#handle.stat();
    const bytes = Buffer.alloc(size);
    const { bytesRead } = await this.#handle.read(bytes, 0, size, 0);
    return readingOf(bytes.subarray(0, bytesRead));
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  async #put(at: number, bytes: Buffer): Promise<void> {
    let written = 0;
    while (written < bytes.length) {
      const { bytesWritten } = await this.#handle.write(bytes, written, bytes.length - written, at + written);
      written += bytesWritten;
    }
    await this.#handle.datasync();
  }
}

function readingOf(bytes: Buffer): SpillReading {
  const records = [];
  let broken = 0;
  let isInBroken = false;
  for (let at = 0; at + HEAD_BYTES <= bytes.length;) {
    const isHead = bytes.readUInt32BE(at) === MAGIC;
    const text = isHead ? textAt(bytes, at) : undefined;
    const spot = { at, bytes: text ? SpillFile.bytesFor(text) : BLOCK };
    if (text) records.push({ ...spot, text });
    const isLitter = !text && !isZero(bytes.subarray(at, at + BLOCK));
    if (isLitter && (isHead || !isInBroken)) broken += 1;
    isInBroken = isLitter;
    at += spot.bytes;
  }
  return { records, broken };
}

const NOTHING = Buffer.alloc(BLOCK);

function isZero(block: Buffer): boolean {
  return block.equals(NOTHING.subarray(0, block.length));
}

/** Undefined where the record is cut off or was changed. */
function textAt(bytes: Buffer, at: number): string | undefined {
  const begin = at + HEAD_BYTES;
  const text = bytes.subarray(begin, begin + bytes.readUInt32BE(at + 4));
  return crc32(text) === bytes.readUInt32BE(at + 8) ? text.toString() : undefined;
}

/** The file's name is only on the disk when its folder is. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
