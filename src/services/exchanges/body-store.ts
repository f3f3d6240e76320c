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
import type { PackedBody } from './packed-body.ts';
import { BodyDamaged, unpackChunk } from './packed-chunk.ts';

/** No body is written for longer: what is open after that belongs to nobody. */
const LONGEST_WRITING_MS = 60 * 60_000;

/** Keeps bodies once per content and workspace, in chunks, packed where that helps; inside the caller's transaction. */
export class BodyStore {
  readonly #newId: NewId;
  readonly #clock: Clock;

  constructor(parts: { newId: NewId; clock: Clock }) {
    this.#newId = parts.newId;
    this.#clock = parts.clock;
  }

  /** Keeps a body and says under which id; an empty body needs no row. */
  async keep(workspaceId: string, { bytes, sha256, chunks }: PackedBody): Promise<KeptBody> {
    if (bytes === 0) return { id: null, bytes, sha256 };

    const known = await bodyIdOf(workspaceId, sha256);
    if (known) return { id: known, bytes, sha256 };

    const id = this.#newId();
    const storedBytes = chunks.reduce((sum, { content }) => sum + content.length, 0);
    await insertBody({ id, workspaceId, sha256, bytes, storedBytes, createdAt: this.#clock.now() });
    for (const [position, chunk] of chunks.entries()) {
      if (position > 0) await breathe();
      await insertChunk({ id: this.#newId(), workspaceId, bodyId: id, position, ...chunk });
    }
    return { id, bytes, sha256 };
  }

  /** A place for a body that is still coming, for scopes of that workspace. Nothing is written yet. */
  open(workspaceId: string): BodyWriter {
    return new BodyWriter({ newId: this.#newId, clock: this.#clock, workspaceId });
  }

  /** The bytes of a kept body, whole or its first `limit`. Throws `BodyDamaged`. */
  async read(id: string, limit = Number.POSITIVE_INFINITY): Promise<Buffer> {
    const chunks = await session.find(
      BodyChunk,
      { bodyId: id, position: { $lt: Math.min(Math.ceil(limit / CHUNK_BYTES), 2 ** 31 - 1) } },
      { orderBy: { position: 'asc' } },
    );
    const parts: Uint8Array[] = [];
    for (const chunk of chunks) parts.push(await unpackChunk(chunk, chunk.position));
    const whole = Buffer.concat(parts);
    return whole.subarray(0, Math.min(whole.length, limit));
  }

  /**
   * A kept body, a chunk at a time, each read in a scope of its own: nobody knows how slowly the other end takes them.
   * Throws `NotFound` where one is missing, and `BodyDamaged`; the last one is not given where the hash does not fit.
   */
  async *chunks(workspaceId: string, { id, bytes, sha256 }: KeptBody): AsyncGenerator<Uint8Array, void, undefined> {
    const hash = createHash('sha256');
    let given = 0;
    for (let position = 0; given < bytes; position += 1) {
      const stored = await withSession(workspaceId, () => chunkAt(workspaceId, id ?? '', position));
      if (!stored) throw new NotFound('body', id ?? '');
      const chunk = await unpackChunk(stored, position);
      hash.update(chunk);
      given += chunk.length;
      if (given >= bytes && hash.digest('hex') !== sha256) throw new BodyDamaged('its hash is another one');
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
