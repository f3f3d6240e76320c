import { setImmediate as breathe } from 'node:timers/promises';
import { insertExchange, type WrittenExchange } from '../../../db/queries/exchange-writes.ts';
import { session } from '../../../db/session.ts';
import { NotAllowed } from '../../../kernel/errors.ts';
import type { NewId } from '../../../kernel/ids.ts';
import type { Masker } from '../../../kernel/masker.ts';
import { type Actor, mayAct } from '../../../kernel/role.ts';
import type { Vault } from '../../../kernel/vault.ts';
import type { BodyStore } from '../body-store.ts';
import { type ReadyBody, readyBody } from '../ready-bodies.ts';
import { harEntries } from './har-reader.ts';
import type { ImportedBody } from './imported-body.ts';
import { type ImportedCall, importedCall } from './imported-call.ts';
import { workspaceMasker } from './workspace-masker.ts';

/** Rows written before others get their turn. */
const ROWS_AT_ONCE = 20;

interface Parts {
  readonly bodies: BodyStore;
  readonly newId: NewId;
  readonly vault: Vault;
  readonly instanceId: string;
  /** Bytes kept of a body. */
  readonly keepBytes: number;
}

/** What came in, and when the first and the last of it began. */
export interface Imported {
  readonly ids: readonly string[];
  readonly first: Date;
  readonly last: Date;
}

/** Takes calls on record that somebody else has made, all of a file or nothing. They belong to no connection. */
export class ExchangeImport {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Reads a HAR 1.2 document and writes down what it holds, masked, in one transaction. Throws `NotAllowed`;
   * `InvalidInput`, which names the entry that is wrong, and `TooLarge`: nothing was written then.
   */
  async import(actor: Actor, file: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Imported> {
    if (!mayAct(actor.role, 'editor')) throw new NotAllowed('Viewers may look at calls, not import any.');
    const masker = await workspaceMasker(this.#parts.vault);
    const ready: ReadyCall[] = [];
    for await (const entry of harEntries(file)) ready.push(await this.#ready(actor, importedCall(entry), masker));
    await session.transactional(() => this.#write(actor.workspaceId, ready));
    const times = ready.map(({ row }) => row.startedAt.getTime());
    return {
      ids: ready.map(({ row }) => row.id),
      first: new Date(times.reduce((one, other) => Math.min(one, other))),
      last: new Date(times.reduce((one, other) => Math.max(one, other))),
    };
  }

  /** Masked and packed, before the transaction. */
  async #ready({ workspaceId, name }: Actor, call: ImportedCall, masker: Masker): Promise<ReadyCall> {
    const { requestBody, responseBody, detail, ...rest } = call;
    const [request, answer] = [await this.#readyBody(requestBody, masker), await this.#readyBody(responseBody, masker)];
    return {
      request,
      answer,
      row: {
        ...rest,
        id: this.#parts.newId(),
        workspaceId,
        kind: 'imported',
        connectionId: null,
        connectionSlug: null,
        connectionName: null,
        generation: 0,
        url: masker.url(call.url),
        requestHeaders: masker.headers(call.requestHeaders),
        requestBody: request && requestBody && requestFacts(request, requestBody),
        detail: detail === null ? null : masker.text(detail),
        responseHeaders: call.responseHeaders && masker.headers(call.responseHeaders),
        responseBody: answer && responseBody && { ...factsOf(answer), wireBytes: responseBody.wireBytes },
        hops: call.hops.map((hop) => ({ ...hop, url: masker.url(hop.url) })),
        sentBy: name,
        instanceId: this.#parts.instanceId,
      },
    };
  }

  async #readyBody(body: ImportedBody | null, masker: Masker): Promise<ReadyBody | null> {
    if (!body) return null;
    const ready = await readyBody(body.bytes, body.contentType, masker, this.#parts.keepBytes);
    return body.truncated ? { ...ready, truncated: true } : ready;
  }

  async #write(workspaceId: string, calls: readonly ReadyCall[]): Promise<void> {
    for (const [at, { row, request, answer }] of calls.entries()) {
      const requestBodyId = await this.#keep(workspaceId, request);
      await insertExchange({ ...row, requestBodyId, responseBodyId: await this.#keep(workspaceId, answer) });
      if (at % ROWS_AT_ONCE === 0) await breathe();
    }
  }

  async #keep(workspaceId: string, body: ReadyBody | null): Promise<string | null> {
    return body && (await this.#parts.bodies.keep(workspaceId, body.packed)).id;
  }
}

/** What will be written down, but for the bodies' ids. */
interface ReadyCall {
  readonly row: Omit<WrittenExchange, 'requestBodyId' | 'responseBodyId'>;
  readonly request: ReadyBody | null;
  readonly answer: ReadyBody | null;
}

/** Of a request, what went over the wire is told where not all of it is kept. */
function requestFacts(ready: ReadyBody, { wireBytes }: ImportedBody) {
  return { ...factsOf(ready), ...(ready.truncated && { wireBytes }) };
}

function factsOf({ packed, truncated }: ReadyBody) {
  return { bytes: packed.bytes, sha256: packed.sha256, truncated };
}
