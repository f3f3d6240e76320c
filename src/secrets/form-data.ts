import type { IsField } from './fields.ts';
import type { NameReader } from './name-reader.ts';
import type { Span } from './spans.ts';

const BOUNDARY = /boundary=(?:"([^"]{1,200})"|([^\s;]{1,200}))/i;
const NAME = /^[ \t]*content-disposition:[^\r\n]*?;\s*name="?([^"\r\n;]*)"?/im;
const MOST_HEAD_BYTES = 8192;
const GAP = '\r\n\r\n';
const NOTHING = Buffer.alloc(0);

/** Before the first boundary, and in parts that are not masked. */
const CLEAR = 0;
const HEAD = 1;
const MASKED = 2;

/** The boundary a content type names (RFC 2046, section 5.1.1), or null. */
export function boundaryOf(contentType: string): string | null {
  const [, quoted, plain] = BOUNDARY.exec(contentType) ?? [];
  return quoted ?? plain ?? null;
}

/** Finds the contents of `multipart/form-data` parts (RFC 7578) that have a masked name. */
export class FormDataReader implements NameReader {
  readonly #mark: Buffer;
  readonly #isField: IsField;
  #spans: Span[] = [];
  /** How much of the body was read, and what came after that. */
  #at = 0;
  #held: Buffer = NOTHING;
  #state = CLEAR;
  #head: Buffer = NOTHING;
  #start = 0;

  constructor(boundary: string, isField: IsField) {
    this.#mark = Buffer.from(`--${boundary}`);
    this.#isField = isField;
  }

  get open(): number {
    return this.#at;
  }

  push(piece: Uint8Array, isLast: boolean): Span[] {
    this.#spans = [];
    const bytes = Buffer.concat([this.#held, piece]);
    let at = 0;
    for (let mark = bytes.indexOf(this.#mark); mark >= 0; mark = bytes.indexOf(this.#mark, at)) {
      this.#read(bytes.subarray(at, mark));
      this.#endPart(bytes, mark);
      at = mark + this.#mark.length;
      this.#at += this.#mark.length;
    }
    // A boundary that is not whole yet, with the line's end that belongs to it.
    const until = isLast ? bytes.length : Math.max(at, bytes.length - this.#mark.length - 1);
    this.#read(bytes.subarray(at, until));
    if (this.#state === MASKED) this.#markUntil(this.#at);
    this.#held = Buffer.from(bytes.subarray(until));
    return this.#spans;
  }

  #read(bytes: Buffer): void {
    this.#at += bytes.length;
    if (this.#state === HEAD) this.#readHead(bytes);
  }

  #readHead(bytes: Buffer): void {
    const had = this.#head.length;
    const head = Buffer.concat([this.#head, bytes.subarray(0, MOST_HEAD_BYTES - had)]);
    this.#head = head;
    const gap = head.indexOf(GAP, Math.max(0, had - GAP.length));
    if (gap < 0) {
      if (head.length === MOST_HEAD_BYTES) this.#state = CLEAR;
      return;
    }
    const [, name] = NAME.exec(head.toString('latin1', 0, gap)) ?? [];
    this.#state = name !== undefined && this.#isField(name) ? MASKED : CLEAR;
    this.#start = this.#at - bytes.length - had + gap + GAP.length;
  }

  #endPart(bytes: Buffer, mark: number): void {
    const isAfterLine = bytes[mark - 1] === 0x0a && bytes[mark - 2] === 0x0d;
    if (this.#state === MASKED) this.#markUntil(isAfterLine ? this.#at - 2 : this.#at);
    this.#state = HEAD;
    this.#head = NOTHING;
  }

  #markUntil(end: number): void {
    if (end > this.#start) this.#spans.push({ start: this.#start, end });
  }
}
