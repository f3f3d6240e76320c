import { headerValue, type HeaderPairs } from './headers.ts';

const TEXTUAL = /^text\/|[/+](json|xml|yaml)\b|javascript|x-www-form-urlencoded|graphql|x-ndjson/i;

/** A body as text. */
export interface BodyText {
  readonly text: string;
  /** The encoding it was read in, by its name in the Encoding Standard. */
  readonly encoding: string;
  /** A charset that was declared and that nobody knows; UTF-8 was taken instead. */
  readonly unknownCharset: string | null;
  /** False where bytes did not fit the encoding; a replacement character stands for each. */
  readonly isValid: boolean;
}

/**
 * Decodes a body by its byte order mark, else by the charset of its content type, else as UTF-8. Null for what is no text.
 * `isPart` where the body goes on: a character that is cut in two at the end is no fault then.
 */
export function bodyText(bytes: Uint8Array, contentType: string | null, isPart: boolean): BodyText | null {
  const isTextual = contentType !== null && TEXTUAL.test(contentType);
  const marked = charsetOfMark(bytes);
  if (!isTextual && !marked && bytes.includes(0)) return null;
  const charset = marked ?? /charset="?([^\s";]+)/i.exec(contentType ?? '')?.[1] ?? 'utf-8';
  const known = encodingOf(charset);
  const encoding = known ?? 'utf-8';
  const whole = strictly(encoding, bytes, isPart);
  if (whole === null && !isTextual) return null;
  const text = whole ?? new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes);
  return { text, encoding, unknownCharset: known === null ? charset : null, isValid: whole !== null };
}

/**
 * The content coding (RFC 9110, section 8.4) a body was left in, where it could not be taken off: its bytes are those of the
 * wire. Null where there was none, or it was taken off. Hashes are SHA-256 in hex.
 */
export function leftCoding(
  headers: HeaderPairs,
  facts: { readonly sha256: string; readonly wireSha256?: string },
): string | null {
  const coding = headerValue(headers, 'content-encoding');
  if (!coding || /^identity$/i.test(coding.trim())) return null;
  return facts.wireSha256 === facts.sha256 ? coding : null;
}

function encodingOf(charset: string): string | null {
  try {
    return new TextDecoder(charset).encoding;
  } catch {
    return null;
  }
}

/** UTF-16 by its byte order mark, which goes before whatever was declared (Encoding Standard, section 6.1). */
function charsetOfMark([first, second]: Uint8Array): string | null {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : null;
}

function strictly(encoding: string, bytes: Uint8Array, isPart: boolean): string | null {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes, { stream: isPart });
  } catch {
    return null;
  }
}
