import { AsyncLocalStorage } from 'node:async_hooks';
import { withSession } from '../../db/session.ts';
import type { BodyMaskStream, Masker } from '../../kernel/masker.ts';
import type { BodyStore } from './body-store.ts';
import type { BodyWriter, KeptBody } from './body-writer.ts';

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
  readonly #mask: BodyMaskStream;
  #room: number;
  #truncated = false;

  constructor({ bodies, workspaceId, masker, contentType, keepBytes }: Parts) {
    this.#workspaceId = workspaceId;
    this.#writer = bodies.open(workspaceId);
    this.#mask = masker.bodyStream(contentType);
    this.#room = keepBytes;
  }

  /** Takes the next bytes; call it again when the promise is done. Throws what the database throws. */
  take(bytes: Uint8Array): Promise<void> | null {
    if (bytes.length > this.#room) this.#truncated = true;
    const kept = bytes.subarray(0, this.#room);
    this.#room -= kept.length;
    const masked = kept.length > 0 ? this.#mask.push(kept) : kept;
    if (masked.length === 0) return null;
    return inNoScope(() => withSession(this.#workspaceId, () => this.#writer.write(masked)));
  }

  /** Ends it in the transaction that is open here. `isPart` says that more should have come, or did. */
  async end(isPart: boolean): Promise<StreamedBody> {
    const truncated = this.#truncated;
    await this.#writer.write(this.#mask.end(isPart || truncated));
    const kept = await this.#writer.end();
    return { ...kept, masked: this.#mask.masked, truncated };
  }

  /** Takes back what was written. */
  async drop(): Promise<void> {
    await inNoScope(() => withSession(this.#workspaceId, () => this.#writer.drop()));
  }
}
