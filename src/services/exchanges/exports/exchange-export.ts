import { type ExchangeRecord, exchangeRecords } from '../../../db/queries/exchanges.ts';
import { withSession } from '../../../db/session.ts';
import type { Clock } from '../../../kernel/clock.ts';
import { NotFound } from '../../../kernel/errors.ts';
import type { BodyStore } from '../body-store.ts';
import type { ExchangeSelector, SelectedPage, Selection } from '../exchange-selection.ts';
import { bodyText } from './body-text.ts';
import type { ExportFormat } from './export-formats.ts';
import type { ExportedBodies } from './har-entry.ts';

/** Records read at once; each may hold as much of headers as an API sends. */
const AT_ONCE = 100;
/** Small pieces are put together: a piece is what one write hands to a socket. */
const PIECE_CHARACTERS = 32 * 1024;

interface Parts {
  readonly bodies: BodyStore;
  readonly clock: Clock;
  readonly selector: ExchangeSelector;
  readonly version: string;
}

/** A file that is written while it is read. */
export interface ExportedFile {
  readonly fileName: string;
  readonly mediaType: string;
  /** May be read once, also after the session that began it has ended. */
  readonly pieces: AsyncIterable<string>;
  /** How many exchanges were written so far. */
  readonly progress: { exchanges: number };
}

/** Writes selections of exchanges down as files, newest first, in memory that does not grow with them. */
export class ExchangeExport {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** What was selected, as one file; null where that is nothing, or where whoever asked has `left`. */
  async begin(
    workspaceId: string,
    selection: Selection,
    format: ExportFormat,
    left?: AbortSignal,
  ): Promise<ExportedFile | null> {
    const batches = await this.#batches(workspaceId, selection, left);
    if (!batches) return null;
    const stamp = this.#parts.clock.now().toISOString().slice(0, 16).replaceAll(/[T:]/g, '-');
    return this.#file(workspaceId, format, `exchanges-${stamp}`, batches);
  }

  /** One exchange as a file. Throws `NotFound`. */
  async one(workspaceId: string, id: string, format: ExportFormat): Promise<ExportedFile> {
    const records = await exchangeRecords(workspaceId, { ids: [id] }, null, 1);
    if (records.length === 0) throw new NotFound('exchange', id);
    return this.#file(workspaceId, format, `exchange-${id}`, [records]);
  }

  /** The first batch that holds anything, and those after it; null where none does. A search may come back without any. */
  async #batches(workspaceId: string, selection: Selection, left?: AbortSignal): Promise<Batches | null> {
    const { selector } = this.#parts;
    const first = await selector.records(workspaceId, selection, null, AT_ONCE);
    const all = pagesFrom(first, (from) =>
      withSession(workspaceId, () => selector.records(workspaceId, selection, { from, direction: 'older' }, AT_ONCE)),
    );
    for (;;) {
      const next = await all.next();
      if (next.done || left?.aborted) return null;
      if (next.value.length > 0) return joined(next.value, all);
    }
  }

  #file(workspaceId: string, format: ExportFormat, name: string, records: Batches): ExportedFile {
    const progress = { exchanges: 0 };
    const pieces = gathered(this.#written(workspaceId, format, records, progress));
    return { fileName: `callbook-${name}.${format.id}`, mediaType: format.mediaType, pieces, progress };
  }

  /** Every batch and every piece of a body is read in a scope of its own: nobody knows how slowly the other end reads. */
  async *#written(workspaceId: string, format: ExportFormat, records: Batches, progress: { exchanges: number }) {
    yield format.head(this.#parts.version);
    for await (const batch of records) {
      for (const record of batch) {
        const bodies = format.hasBodies ? await this.#bodies(workspaceId, record) : NO_BODIES;
        if (!bodies) continue;
        if (progress.exchanges > 0) yield format.between;
        yield* format.write(record, bodies);
        progress.exchanges += 1;
      }
    }
    yield format.foot;
  }

  /** Null where they are gone: somebody deleted the exchange after its batch was read. */
  async #bodies(workspaceId: string, record: ExchangeRecord): Promise<ExportedBodies | null> {
    const { bodies } = this.#parts;
    try {
      const request = await bodyText(bodies, workspaceId, record, 'request');
      return { request, response: await bodyText(bodies, workspaceId, record, 'response') };
    } catch (error) {
      if (error instanceof NotFound && !(await isThere(workspaceId, record.id))) return null;
      throw error;
    }
  }
}

type Page = SelectedPage<ExchangeRecord>;
type Batches = AsyncIterable<readonly ExchangeRecord[]> | Iterable<readonly ExchangeRecord[]>;

const NO_BODIES: ExportedBodies = { request: null, response: null };

async function* pagesFrom(first: Page, after: (from: NonNullable<Page['older']>) => Promise<Page>) {
  for (let page = first; ; page = await after(page.older)) {
    yield page.items;
    if (!page.older) return;
  }
}

async function* joined(first: readonly ExchangeRecord[], rest: AsyncIterable<readonly ExchangeRecord[]>) {
  yield first;
  yield* rest;
}

async function isThere(workspaceId: string, id: string): Promise<boolean> {
  return withSession(workspaceId, async () => (await exchangeRecords(workspaceId, { ids: [id] }, null, 1)).length > 0);
}

async function* gathered(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let held = '';
  for await (const piece of pieces) {
    held += piece;
    if (held.length < PIECE_CHARACTERS) continue;
    yield held;
    held = '';
  }
  if (held !== '') yield held;
}
