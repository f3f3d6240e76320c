import { bodyText } from '../../kernel/body-text.ts';
import { escaped, hasUnseen } from '../visible.ts';
import { imagePreview, type ImagePreview } from './image-preview.ts';
import { bodyFacts } from './body-facts.ts';
import { jsonTokens, type JsonToken } from './json-tokens.ts';
import { sizeText } from './measures.ts';

/** At most this much of a body stands in a page; the rest is behind the download. */
export const INLINE_BYTES = 256 * 1024;

/** Up to this size a JSON body is laid out and coloured. */
const COLOURED_BYTES = 64 * 1024;
const HEX_BYTES = 512;

type ShownText = { readonly text: string | null; readonly notes: readonly string[] };
const NO_TEXT: ShownText = { text: null, notes: [] };

/** A kept body and where to fetch it whole. `bytes` may be just the first `INLINE_BYTES`. */
export interface KeptBody {
  readonly bytes: Uint8Array;
  readonly contentType: string | null;
  /** Where a content coding was given and could not be taken off; the bytes are as they came then. */
  readonly leftCoded?: string | null;
  readonly size: number;
  readonly sha256: string;
  readonly truncated: boolean;
  readonly wireBytes: number | null;
  readonly wireSha256: string | null;
  readonly href: string;
}

/** What pages show of a body: its text, it as an image or its first bytes in hex, its sizes and what is to be known. */
export function bodyView(kept: KeptBody) {
  const shown = kept.bytes.subarray(0, INLINE_BYTES);
  const isWhole = shown.length === kept.size && !kept.truncated;
  const image = isWhole ? imagePreview(shown) : null;
  const { text, notes } = image ? NO_TEXT : shownText(shown, kept.leftCoded ? null : kept.contentType, !isWhole);
  return {
    text,
    /** The text as a JSON string, where pages spell characters of it out. */
    exact: text !== null && hasUnseen(text) ? escaped(text) : null,
    tokens: text === null ? null : layOut(text, kept),
    image: image && image.src,
    hexPreview: text === null && !image ? hexLines(shown.subarray(0, HEX_BYTES)) : null,
    bytes: kept.size,
    size: sizeText(kept.size),
    truncated: kept.truncated,
    wireBytes: kept.wireBytes,
    wireSize: kept.wireBytes === null ? null : sizeText(kept.wireBytes),
    facts: bodyFacts(kept),
    notes: [
      ...typeNotes(kept, image),
      ...notes,
      ...sizeNotes(kept, text === null && !image ? Math.min(HEX_BYTES, shown.length) : shown.length),
    ],
    contentType: kept.contentType,
    href: kept.href,
  };
}
export type BodyView = ReturnType<typeof bodyView>;

function layOut(text: string, kept: KeptBody): readonly JsonToken[] | null {
  return kept.size <= COLOURED_BYTES && !kept.truncated ? jsonTokens(text) : null;
}

function shownText(bytes: Uint8Array, contentType: string | null, isPart: boolean): ShownText {
  const decoded = bodyText(bytes, contentType, isPart);
  if (!decoded) return NO_TEXT;
  const { text, encoding, unknownCharset, isValid } = decoded;
  const notes: string[] = [];
  if (unknownCharset !== null) notes.push(`The character set "${unknownCharset}" is not known; shown as UTF-8.`);
  if (!isValid) notes.push(`Some bytes are not valid ${encoding}; a replacement character stands for each.`);
  if (hasUnseen(text))
    notes.push('Characters that cannot be seen are spelled out as ⟨U+….⟩; Copy gives them as they are.');
  return { text, notes };
}

function typeNotes({ contentType, leftCoded }: KeptBody, image: ImagePreview | null): string[] {
  const notes: string[] = [];
  if (leftCoded) notes.push(`The content coding "${leftCoded}" could not be taken off. This is the body as it came.`);
  if (image && contentType?.split(';', 1)[0]?.trim().toLowerCase() !== image.type)
    notes.push(`The content type is ${contentType ?? 'missing'}, but the bytes are those of ${image.type}.`);
  return notes;
}

function sizeNotes(kept: KeptBody, shown: number): string[] {
  const notes: string[] = [];
  if (kept.size > shown) notes.push(`The first ${sizeText(shown)} of ${sizeText(kept.size)} are shown.`);
  if (kept.truncated) notes.push(`Only the first ${sizeText(kept.size)} were kept.`);
  return notes;
}

/** Lines of 16 bytes: offset, bytes, and the printable ones as text. */
function hexLines(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let offset = 0; offset < bytes.length; offset += 16) {
    const line = [...bytes.subarray(offset, offset + 16)];
    const hex = line.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const text = line.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·')).join('');
    lines.push(`${offset.toString(16).padStart(6, '0')}  ${hex.padEnd(47)}  ${text}`);
  }
  return lines.join('\n');
}
