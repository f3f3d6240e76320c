import { AsyncLocalStorage } from 'node:async_hooks';
import { withSession } from '../../db/session.ts';
import type { BodyMaskStream, Masker } from '../../kernel/masker.ts';
import type { BodyStore } from './body-store.ts';
import type { BodyWriter, KeptBody } from './body-writer.ts';
import { LaterMask } from './later-mask.ts';

/** Bodies come in the context of a socket, and what is written meanwhile must not get into anybody's transaction. */
const inNoScope = AsyncLocalStorage.snapshot();

interface Parts {
  readonly bodies: Pick<BodyStore, 'open'>;
  readonly workspaceId: string;
  readonly masker: Masker;
  readonly contentType: string | null;
  readonly keepBytes: number;
}

/** A body that was kept while it streamed by. */
export interface StreamedBody extends KeptBody {
  readonly masked: boolean;
  readonly truncated: boolean;
}

/** What the record keeps of a body that streams by: masked, up to so many bytes, written down while it comes. */
export class RecordedBody {
  readonly #workspaceId: string;
  readonly #writer: BodyWriter;
  readonly #masker: Masker;
  readonly #mask: BodyMaskStream;
  /** For secrets that came about on the way; null while there are none. */
  #later: LaterMask | null = null;
  #room: number;
  #truncated = false;

  constructor({ bodies, workspaceId, masker, contentType, keepBytes }: Parts) {
    this.#workspaceId = workspaceId;
    this.#writer = bodies.open(workspaceId);
    this.#masker = masker;
    this.#mask = masker.bodyStream(contentType);
    this.#room = keepBytes;
  }

  /**
   * Takes the next bytes; call it again when the promise is done. `masker` knows every secret that may begin in them: the
   * one from the beginning, or those that came about since as well. Throws what the database throws.
   */
  take(bytes: Uint8Array, masker: Masker = this.#masker): Promise<void> | null {
    if (bytes.length > this.#room) this.#truncated = true;
    const kept = bytes.subarray(0, this.#room);
    this.#room -= kept.length;
    const masked = kept.length > 0 ? this.#masked(kept, masker) : kept;
    if (masked.length === 0) return null;
    return inNoScope(() => withSession(this.#workspaceId, () => this.#writer.write(masked)));
  }

  /** Ends it in the transaction that is open here. `isPart` says that more should have come, or did. */
  async end(isPart: boolean): Promise<StreamedBody> {
    const truncated = this.#truncated;
    await this.#writer.write(this.#rest(isPart || truncated));
    const kept = await this.#writer.end();
    return { ...kept, masked: this.#mask.masked || (this.#later?.masked ?? false), truncated };
  }

  #masked(bytes: Uint8Array, masker: Masker): Uint8Array {
    if (masker !== this.#masker) this.#later ??= new LaterMask(masker);
    const masked = this.#mask.push(bytes);
    return this.#later ? this.#later.push(masked, masker) : masked;
  }

  #rest(isCut: boolean): Uint8Array {
    const rest = this.#mask.end(isCut);
    return this.#later ? Buffer.concat([this.#later.push(rest), this.#later.end(isCut)]) : rest;
  }

  /** Takes back what was written. */
  async drop(): Promise<void> {
    await inNoScope(() => withSession(this.#workspaceId, () => this.#writer.drop()));
  }
}
