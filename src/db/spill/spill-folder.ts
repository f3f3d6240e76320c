import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Instances } from '../../kernel/instance.ts';
import type { FoundTexts, Spill, SpilledText } from '../../kernel/spill.ts';
import { SpillFile, type SpillReading, type Spot } from './spill-file.ts';

/** Room for some hundred token sets; beyond it a file grows, where the disk still lets it. */
const ROOM_BYTES = 2 ** 20;
/** Beyond this it is no spill file: there is no disk that would take so many token sets after it was full. */
const MOST_BYTES = 2 ** 28;
const SUFFIX = '.spill';

interface Parts {
  /** Where the files of all processes stand, one each. */
  readonly folder: string;
  readonly instances: Instances;
  readonly bytes?: number;
}

/**
 * One spill file a process, so that nobody ever writes into another's. What a dead one left is read by all who come
 * after it; its file goes when nothing stands in it any more.
 */
export class SpillFolder implements Spill {
  readonly #parts: Parts;
  readonly #used = new Set<Spot>();
  #own: Promise<SpillFile> | null = null;
  /** Writes come one after another: a spot is looked for and taken at once. */
  #line: Promise<unknown> = Promise.resolve();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async prepare(): Promise<void> {
    await this.#file();
  }

  async keep(text: string): Promise<SpilledText> {
    const file = await this.#file();
    const written = this.#line.then(async () => {
      const spot = this.#freeSpot(SpillFile.bytesFor(text));
      await file.write(spot.at, text);
      this.#used.add(spot);
      return spot;
    });
    this.#line = written.catch(() => null);
    const spot = await written;
    const forget = async () => {
      await file.zero(spot);
      this.#used.delete(spot);
    };
    return { text, forget };
  }

  async find(): Promise<FoundTexts> {
    const texts: SpilledText[] = [];
    let broken = 0;
    for (const id of await this.#others()) {
      const found = await this.#findOf(id);
      texts.push(...found.texts);
      broken += found.broken;
    }
    return { texts, broken };
  }

  async close(): Promise<void> {
    const file = await this.#own?.catch(() => null);
    this.#own = null;
    await this.#line;
    await file?.close();
    if (file && this.#used.size === 0) await rm(this.#pathOf(this.#parts.instances.self), { force: true });
  }

  /** Made once; tried again where it could not be made. */
  #file(): Promise<SpillFile> {
    const path = this.#pathOf(this.#parts.instances.self);
    return (this.#own ??= SpillFile.make(path, this.#parts.bytes ?? ROOM_BYTES).catch(async (error: unknown) => {
      this.#own = null;
      await rm(path, { force: true });
      throw error;
    }));
  }

  /** The first gap that is wide enough, or the end of what is used. */
  #freeSpot(bytes: number): Spot {
    let at = 0;
    for (const used of [...this.#used].sort((one, other) => one.at - other.at)) {
      if (used.at - at >= bytes) break;
      at = used.at + used.bytes;
    }
    return { at, bytes };
  }

  async #others(): Promise<string[]> {
    const { folder, instances } = this.#parts;
    const names = (await readdir(folder)).filter((name) => name.endsWith(SUFFIX));
    return names.map((name) => name.slice(0, -SUFFIX.length)).filter((id) => id !== instances.self);
  }

  async #findOf(id: string): Promise<FoundTexts> {
    // Asked first: whoever is dead now writes no more.
    const isAlive = await this.#parts.instances.isAlive(id);
    const path = this.#pathOf(id);
    if (await isForeign(path)) return { texts: [], broken: 1 };
    const { records, broken } = await this.#reading(path);
    // What a living one is writing just now is not whole yet.
    if (isAlive) return { texts: records.map(({ text }) => ({ text, forget: async () => undefined })), broken: 0 };
    if (records.length === 0) await rm(path, { force: true });
    const texts = records.map(({ text, ...spot }) => ({ text, forget: () => this.#forgetLeft(path, spot) }));
    return { texts, broken };
  }

  async #reading(path: string): Promise<SpillReading> {
    const file = await SpillFile.open(path).catch(nullIfGone);
    if (!file) return { records: [], broken: 0 };
    try {
      return await file.read();
    } finally {
      await file.close();
    }
  }

  /** Several processes may do so at once: they write the same. */
  async #forgetLeft(path: string, spot: Spot): Promise<void> {
    const file = await SpillFile.open(path).catch(nullIfGone);
    if (!file) return;
    try {
      await file.zero(spot);
      if ((await file.read()).records.length === 0) await rm(path, { force: true });
    } finally {
      await file.close();
    }
  }

  #pathOf(id: string): string {
    return join(this.#parts.folder, id + SUFFIX);
  }
}

/** True for what no process of ours has made: a link, a pipe, a folder, or more than there is memory for. */
async function isForeign(path: string): Promise<boolean> {
  const found = await lstat(path).catch(nullIfGone);
  return found !== null && (!found.isFile() || found.size > MOST_BYTES);
}

function nullIfGone(error: unknown): null {
  if (Error.isError(error) && 'code' in error && error.code === 'ENOENT') return null;
  throw error;
}
