import type { Masker } from '../../kernel/masker.ts';
import { LaterMask } from './later-mask.ts';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * Masks a stream of events by value and holds nothing back at an event's end, which is an empty line (WHATWG HTML,
 * *Server-sent events*): nobody would see the event before the next one comes.
 */
export class EventMask {
  readonly #mask: LaterMask;
  #isLineEmpty = true;
  #afterReturn = false;

  constructor(masker: Pick<Masker, 'valueStream'>) {
    this.#mask = new LaterMask(masker);
  }

  /** As `LaterMask.push`. */
  push(bytes: Uint8Array, masker: Pick<Masker, 'valueStream'>): Uint8Array {
    const end = this.#lastEventEnd(bytes);
    if (end === 0) return this.#mask.push(bytes, masker);
    const events = [this.#mask.push(bytes.subarray(0, end), masker), this.#mask.flush()];
    return Buffer.concat([...events, this.#mask.push(bytes.subarray(end), masker)]);
  }

  end(): Uint8Array {
    return this.#mask.end();
  }

  /** Where the last event of these bytes has ended; 0 where none has. Lines end in LF, CR or both. */
  #lastEventEnd(bytes: Uint8Array): number {
    let end = 0;
    for (let at = 0; at < bytes.length; at += 1) {
      const byte = bytes[at]!;
      const isSecondHalf = byte === LINE_FEED && this.#afterReturn;
      this.#afterReturn = byte === CARRIAGE_RETURN;
      if (isSecondHalf) {
        if (end === at) end = at + 1;
      } else if (byte === LINE_FEED || byte === CARRIAGE_RETURN) {
        if (this.#isLineEmpty) end = at + 1;
        this.#isLineEmpty = true;
      } else this.#isLineEmpty = false;
    }
    return end;
  }
}
