import type { HeaderPairs } from './headers.ts';

/** What stands where a secret stood, everywhere. */
export const REDACTED = '*redacted*';

/** A body after masking; `masked` tells whether anything was replaced. */
export interface MaskedBody {
  readonly bytes: Uint8Array;
  readonly masked: boolean;
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
  /** Free text: error sentences, log lines. */
  text(text: string): string;
}
