import { FormReader } from './form-fields.ts';
import { MemberReader } from './json-members.ts';
import { NamelessReader, type NameReader } from './name-reader.ts';
import type { Names } from './names.ts';
import type { Span } from './spans.ts';

const FORM_START = /^[\w.~%+[\]-]{1,100}=[^\s<>]*$/;
const LOOKED_AT = 1024;

/**
 * Reads a body whose type says nothing of names: as JSON where its first byte that is no white space (nor a byte order
 * mark) opens an object or an array; where `isWide`, as a form where its first 1024 bytes look like one.
 */
export class UntypedReader implements NameReader {
  readonly #names: Names;
  readonly #isWide: boolean;
  #reader: NameReader | null = null;
  #at = 0;
  /** What came so far of what may be a form. */
  #begun: Buffer | null = null;

  constructor(names: Names, isWide: boolean) {
    this.#names = names;
    this.#isWide = isWide;
  }

  get open(): number {
    if (this.#reader) return this.#reader.open;
    return this.#begun ? 0 : this.#at;
  }

  push(piece: Uint8Array, isLast: boolean): Span[] {
    if (this.#reader) return this.#reader.push(piece, isLast);
    if (this.#begun) return this.#readStart(Buffer.concat([this.#begun, piece]), isLast);

    const first = piece.findIndex((byte) => byte > 0x20 && byte !== 0xef && byte !== 0xbb && byte !== 0xbf);
    const byte = piece[first];
    if (byte === undefined) {
      this.#at += piece.length;
      return [];
    }
    const start = this.#at + first;
    if (byte === 0x7b || byte === 0x5b) {
      this.#reader = new MemberReader(this.#names.isMember, false, start);
      return this.#reader.push(piece.subarray(first), isLast);
    }
    if (this.#isWide && start === 0) return this.#readStart(viewOf(piece), isLast);
    this.#reader = new NamelessReader();
    return [];
  }

  #readStart(bytes: Buffer, isLast: boolean): Span[] {
    this.#begun = bytes;
    if (bytes.length < LOOKED_AT && !isLast) return [];
    const isForm = FORM_START.test(bytes.toString('latin1', 0, LOOKED_AT));
    this.#reader = isForm ? new FormReader(this.#names.isField) : new NamelessReader();
    this.#begun = null;
    return this.#reader.push(bytes, isLast);
  }
}

function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
