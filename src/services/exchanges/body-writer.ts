import { createHash } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import { bodyIdOf, insertBody, insertChunk } from '../../db/queries/bodies.ts';
import { type BodyContent, closeBody, deleteChunksOf, deleteOpenBody, openHash } from '../../db/queries/open-bodies.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { NewId } from '../../kernel/ids.ts';
import { CHUNK_BYTES } from '../../model/body-chunk.ts';
import { type PackedChunk, packChunk } from './packed-chunk.ts';

const FIRST_BYTES = 4096;
/** Chunks deleted in one statement: freeing pages holds the event loop as writing them does. */
const DELETED_AT_ONCE = 16;

/** A body as it was kept. */
export interface KeptBody {
  readonly id: string | null;
  readonly bytes: number;
  /** SHA-256 (hex) of the kept bytes. */
  readonly sha256: string;
}

type Content = Pick<KeptBody, 'sha256' | 'bytes'>;

interface Parts {
  readonly newId: NewId;
  readonly clock: Clock;
  readonly workspaceId: string;
}

/**
 * Keeps one body while it comes, in chunks, packed where that helps; it holds one of them at most. Every statement is a
 * transaction of its own where the caller has none open. Calls follow each other: await each. A body that fits in one chunk is written at its
 * end only; a longer one that never ends, nor is dropped, is swept later.
 */
export class BodyWriter {
  readonly #newId: NewId;
  readonly #clock: Clock;
  readonly #workspaceId: string;
  readonly #id: string;
  readonly #hash = createHash('sha256');
  #chunk = Buffer.allocUnsafe(FIRST_BYTES);
  #filled = 0;
  #written = 0;
  #bytes = 0;
  #storedBytes = 0;

  constructor({ newId, clock, workspaceId }: Parts) {
    this.#newId = newId;
    this.#clock = clock;
    this.#workspaceId = workspaceId;
    this.#id = newId();
  }

  /** Takes the next bytes, masked ones, and copies them. Throws what the database throws; `drop` then. */
  async write(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes);
    this.#bytes += bytes.length;
    for (let from = 0; from < bytes.length;) {
      if (this.#filled === CHUNK_BYTES) await this.#flush();
      from += this.#take(bytes, from);
    }
  }

  /**
   * Writes the rest and says under which id the body is kept: that of the same content, where the workspace has it
   * already. Nobody refers to it yet: end it in the transaction that does. An empty body needs no row.
   */
  async end(): Promise<KeptBody> {
    const content = { sha256: this.#hash.digest('hex'), bytes: this.#bytes };
    if (content.bytes === 0) return { id: null, ...content };
    return { id: await (this.#written === 0 ? this.#keepSmall(content) : this.#close(content)), ...content };
  }

  /** Takes back what was written. Harmless where nothing was. */
  async drop(): Promise<void> {
    this.#filled = 0;
    const written = this.#written;
    this.#written = 0;
    if (written > 0) await deleteOpen(this.#workspaceId, this.#id);
  }

  /** Copies what fits into the chunk and says how much that was. */
  #take(bytes: Uint8Array, from: number): number {
    const count = Math.min(bytes.length - from, CHUNK_BYTES - this.#filled);
    this.#grow(this.#filled + count);
    this.#chunk.set(bytes.subarray(from, from + count), this.#filled);
    this.#filled += count;
    return count;
  }

  #grow(needed: number): void {
    if (needed <= this.#chunk.length) return;
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, Math.max(needed, 2 * this.#chunk.length)));
    this.#chunk.copy(chunk, 0, 0, this.#filled);
    this.#chunk = chunk;
  }

  async #flush(): Promise<void> {
    const chunk = await this.#packed();
    if (this.#written === 0) await this.#insertBody({ sha256: openHash(this.#id), bytes: 0, storedBytes: 0 });
    await this.#insertChunk(chunk);
    await breathe();
  }

  async #keepSmall(content: Content): Promise<string> {
    const known = await bodyIdOf(this.#workspaceId, content.sha256);
    if (known) return known;
    const chunk = await this.#packed();
    await this.#insertBody({ ...content, storedBytes: this.#storedBytes });
    await this.#insertChunk(chunk);
    return this.#id;
  }

  async #close(content: Content): Promise<string> {
    if (this.#filled > 0) await this.#insertChunk(await this.#packed());
    if (await closeBody(this.#workspaceId, this.#id, { ...content, storedBytes: this.#storedBytes })) return this.#id;
    const known = await bodyIdOf(this.#workspaceId, content.sha256);
    if (!known) throw new Error('A body was swept while it was still being written.');
    await this.drop();
    return known;
  }

  async #packed(): Promise<PackedChunk> {
    const chunk = await packChunk(this.#chunk.subarray(0, this.#filled));
    this.#storedBytes += chunk.content.length;
    return chunk;
  }

  async #insertBody(content: BodyContent): Promise<void> {
    const row = { id: this.#id, workspaceId: this.#workspaceId, createdAt: this.#clock.now() };
    await insertBody({ ...row, ...content });
  }

  async #insertChunk(chunk: PackedChunk): Promise<void> {
    const row = { id: this.#newId(), workspaceId: this.#workspaceId, bodyId: this.#id };
    await insertChunk({ ...row, position: this.#written, ...chunk });
    this.#written += 1;
    this.#filled = 0;
  }
}

/** Deletes a body that never ended, its row last, so that a sweep finds what a crash leaves of it. */
export async function deleteOpen(workspaceId: string, id: string): Promise<void> {
  for (let from = 0; (await deleteChunksOf(workspaceId, id, from, from + DELETED_AT_ONCE)) > 0; from += DELETED_AT_ONCE)
    await breathe();
  await deleteOpenBody(workspaceId, id);
}
