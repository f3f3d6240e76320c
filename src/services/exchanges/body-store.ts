import { createHash } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import { bodyIdOf, chunkAt, insertBody, insertChunk } from '../../db/queries/bodies.ts';
import { openBodies } from '../../db/queries/open-bodies.ts';
import { session, withSession } from '../../db/session.ts';
import type { Clock } from '../../kernel/clock.ts';
import { NotFound } from '../../kernel/errors.ts';
import type { NewId } from '../../kernel/ids.ts';
import { BodyChunk, CHUNK_BYTES } from '../../model/body-chunk.ts';
import { BodyWriter, deleteOpen, type KeptBody } from './body-writer.ts';

/** No body is written for longer: what is open after that belongs to nobody. */
const LONGEST_WRITING_MS = 60 * 60_000;

/** Keeps bodies once per content and workspace, in chunks; inside the caller's transaction. */
export class BodyStore {
  readonly #newId: NewId;
  readonly #clock: Clock;

  constructor(parts: { newId: NewId; clock: Clock }) {
    this.#newId = parts.newId;
    this.#clock = parts.clock;
  }

  /** Keeps masked bytes and says under which id; an empty body needs no row. */
  async keep(workspaceId: string, bytes: Uint8Array): Promise<KeptBody> {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    if (bytes.length === 0) return { id: null, bytes: 0, sha256 };

    const known = await bodyIdOf(workspaceId, sha256);
    if (known) return { id: known, bytes: bytes.length, sha256 };

    const id = this.#newId();
    await insertBody({ id, workspaceId, sha256, bytes: bytes.length, createdAt: this.#clock.now() });
    for (let start = 0; start < bytes.length; start += CHUNK_BYTES) {
      if (start > 0) await breathe();
      const content = bytes.subarray(start, start + CHUNK_BYTES);
      await insertChunk({ id: this.#newId(), workspaceId, bodyId: id, position: start / CHUNK_BYTES, content });
    }
    return { id, bytes: bytes.length, sha256 };
  }

  /** A place for a body that is still coming, for scopes of that workspace. Nothing is written yet. */
  open(workspaceId: string): BodyWriter {
    return new BodyWriter({ newId: this.#newId, clock: this.#clock, workspaceId });
  }

  /** The bytes of a kept body, whole or its first `limit`. */
  async read(id: string, limit = Number.POSITIVE_INFINITY): Promise<Buffer> {
    const chunks = await session.find(
      BodyChunk,
      { bodyId: id, position: { $lt: Math.min(Math.ceil(limit / CHUNK_BYTES), 2 ** 31 - 1) } },
      { orderBy: { position: 'asc' } },
    );
    const whole = Buffer.concat(chunks.map(({ content }) => content));
    return whole.subarray(0, Math.min(whole.length, limit));
  }

  /**
   * The `bytes` of a kept body, a chunk at a time, each read in a scope of its own: nobody knows how slowly the other end
   * takes them. Throws `NotFound` where one is missing.
   */
  async *chunks(workspaceId: string, id: string, bytes: number): AsyncGenerator<Uint8Array, void, undefined> {
    let given = 0;
    for (let position = 0; given < bytes; position += 1) {
      const chunk = await withSession(workspaceId, () => chunkAt(workspaceId, id, position));
      if (!chunk) throw new NotFound('body', id);
      given += chunk.length;
      yield chunk;
    }
  }

  /** Deletes bodies that were begun an hour ago and never ended, of every workspace; gives their number. */
  async sweepOpen(): Promise<number> {
    const before = new Date(this.#clock.now().getTime() - LONGEST_WRITING_MS);
    let swept = 0;
    for (let open = await openBodies(before); open.length > 0; open = await openBodies(before)) {
      for (const { id, workspaceId } of open) await deleteOpen(workspaceId, id);
      swept += open.length;
    }
    return swept;
  }
}
