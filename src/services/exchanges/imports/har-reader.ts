import { setImmediate as breathe } from 'node:timers/promises';
import { JSONParser, TokenType } from '@streamparser/json';
import { type FieldFault, InvalidInput, TooLarge } from '../../../kernel/errors.ts';
import { checkBy } from '../../../kernel/field-faults.ts';
import { type HarEntry, harEntrySchema } from './har-schema.ts';

const MiB = 2 ** 20;
/** Bytes of a file. */
export const MOST_HAR_BYTES = 64 * MiB;
/** They come on record in one transaction, which everybody else waits for. */
export const MOST_HAR_ENTRIES = 5_000;
/** Bytes parsed at once; others get their turn in between. */
const PIECE_BYTES = 64 * 1024;
/** With every step down, the parser does more for each step up. */
const MOST_DEPTH = 256;
/** Nobody mends more at once. */
const TOLD_FAULTS = 10;

/** The key of an entry in its list. */
interface Found {
  readonly value?: unknown;
  readonly key?: string | number | undefined;
}

/**
 * The entries of a HAR 1.2 document, one by one while its bytes are read: no more of it is held than one entry. Throws
 * `InvalidInput`, which names the entry, and `TooLarge`.
 */
export async function* harEntries(file: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<HarEntry> {
  const document = new HarDocument();
  let number = 0;
  for await (const piece of piecesOf(file)) {
    for (const found of document.read(piece)) {
      number += 1;
      if (number > MOST_HAR_ENTRIES) throw tooMany();
      yield entryOf(number, found);
    }
    await breathe();
  }
  document.end();
}

/** What stands between the bytes and the entries: a parser that keeps nothing but the entry it is in. */
class HarDocument {
  readonly #parser = new JSONParser({
    paths: ['$.log.entries.*', '$.log.version', '$.log.creator'],
    keepStack: false,
    stringBufferSize: PIECE_BYTES,
  });
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true });
  #isLog = false;
  #count = 0;
  #depth = 0;
  #found: unknown[] = [];
  #fault: string | null = null;

  constructor() {
    this.#parser.onToken = ({ token }) => this.#follow(token);
    this.#parser.onValue = (found: Found) => this.#take(found);
    this.#parser.onError = () => (this.#fault ??= 'The file is not JSON');
  }

  /** The entries that end in this piece. */
  read(piece: Uint8Array): unknown[] {
    this.#found = [];
    try {
      this.#utf8.decode(piece, { stream: true });
    } catch {
      this.#fault = 'The file is not in UTF-8';
    }
    if (this.#fault === null) this.#parser.write(piece);
    if (this.#fault !== null) throw fileFault(`${this.#fault}: see ${this.#place()}.`);
    return this.#found;
  }

  end(): void {
    if (!this.#parser.isEnded) throw fileFault(`The file ends too early: see ${this.#place()}.`);
    if (this.#count > 0) return;
    throw fileFault(this.#isLog ? 'There are no entries in this HAR.' : 'This is no HAR: it has no list log.entries.');
  }

  #follow(token: TokenType): void {
    if (token === TokenType.RIGHT_BRACE || token === TokenType.RIGHT_BRACKET) this.#depth -= 1;
    if (token !== TokenType.LEFT_BRACE && token !== TokenType.LEFT_BRACKET) return;
    this.#depth += 1;
    if (this.#depth <= MOST_DEPTH) return;
    this.#fault ??= `The file has lists and objects in each other, more than ${MOST_DEPTH} deep`;
    throw new Error(this.#fault);
  }

  #take({ value, key }: Found): void {
    this.#isLog = true;
    if (typeof key !== 'number') return;
    this.#found.push(value);
    this.#count += 1;
  }

  /** Where it was read to. */
  #place(): string {
    return this.#count === 0 ? 'its beginning' : `what comes after entry ${this.#count.toLocaleString('en')}`;
  }
}

async function* piecesOf(file: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const piece of file) {
    bytes += piece.length;
    if (bytes > MOST_HAR_BYTES) throw new TooLarge(`A HAR of at most ${MOST_HAR_BYTES / MiB} MiB can be imported.`);
    for (let at = 0; at < piece.length; at += PIECE_BYTES) yield piece.subarray(at, at + PIECE_BYTES);
  }
}

function entryOf(number: number, found: unknown): HarEntry {
  const checked = checkBy(harEntrySchema, found);
  if ('value' in checked) return checked.value;
  throw new InvalidInput(checked.faults.slice(0, TOLD_FAULTS).map((fault) => entryFault(number, fault)));
}

/** A fault of an entry, which counts from 1, in a sentence that names both. */
function entryFault(number: number, { pointer, detail }: FieldFault): FieldFault {
  const field = pointer.slice(1).replaceAll('/', '.');
  const name = field === '' ? 'it' : field;
  const said = detail.startsWith('This ') ? detail.replace('This', name) : `${name}: ${detail}`;
  return {
    pointer: `/log/entries/${number - 1}${pointer}`,
    detail: `Entry ${number.toLocaleString('en')}: ${said}`,
  };
}

function fileFault(detail: string): InvalidInput {
  return new InvalidInput([{ pointer: '', detail }]);
}

function tooMany(): InvalidInput {
  return fileFault(
    `At most ${MOST_HAR_ENTRIES.toLocaleString('en')} entries are imported at once, and this HAR has more.`,
  );
}
