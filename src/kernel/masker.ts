import type { HeaderPairs } from './headers.ts';

/** What stands where a secret stood, everywhere. */
export const REDACTED = '*redacted*';

/** A body after masking; `masked` tells whether anything was replaced. */
export interface MaskedBody {
  readonly bytes: Uint8Array;
  readonly masked: boolean;
}

/**
 * Masks a body that comes in chunks, wherever a chunk ends, in memory that does not grow with it. Neither array that
 * goes in or comes out may be changed afterwards.
 */
export interface BodyMaskStream {
  /** True once anything was replaced. */
  readonly masked: boolean;
  /** Takes the next bytes and gives what can go out by now, which may be nothing. */
  push(bytes: Uint8Array): Uint8Array;
  /** Gives the rest; the body has ended. `isCut` as in `Masker.body`. */
  end(isCut?: boolean): Uint8Array;
}

/** Takes secrets out of one exchange, by name and by value, before anything is kept or logged. */
export interface Masker {
  /** Query values, userinfo and secrets anywhere in a URL. */
  url(url: string): string;
  headers(headers: HeaderPairs): HeaderPairs;
  /**
   * Masks in place and touches nothing else: bytes that hold no secret come back as the same array. `isCut` says that
   * more came than these bytes: what may be the beginning of a secret at their end is masked too.
   */
  body(bytes: Uint8Array, contentType: string | null, isCut?: boolean): MaskedBody;
  /** As `body`, in chunks: by name and by value. */
  bodyStream(contentType: string | null): BodyMaskStream;
  /** As `bodyStream`, by value only. */
  valueStream(): BodyMaskStream;
  /** Free text: error sentences, log lines. */
  text(text: string): string;
}
