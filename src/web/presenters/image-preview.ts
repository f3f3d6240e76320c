const latin1 = (text: string) => Buffer.from(text, 'latin1');

/** What images begin with, by media type. Drawings are left out: they are programs. */
const SIGNATURES: readonly (readonly [type: string, at: number, begin: Buffer])[] = [
  ['image/png', 0, latin1('\x89PNG\r\n\x1a\n')],
  ['image/jpeg', 0, latin1('\xff\xd8\xff')],
  ['image/gif', 0, latin1('GIF87a')],
  ['image/gif', 0, latin1('GIF89a')],
  ['image/webp', 8, latin1('WEBPVP8')],
];

/** An image by its own bytes, whatever was said about them; `src` is for an `<img>`. */
export interface ImagePreview {
  readonly type: string;
  readonly src: string;
}

/** A whole body as an image; null where it is none that a browser shows. */
export function imagePreview(bytes: Uint8Array): ImagePreview | null {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const known = SIGNATURES.find(([, at, begin]) => buffer.subarray(at, at + begin.length).equals(begin));
  return known ? { type: known[0], src: `data:${known[0]};base64,${buffer.toString('base64')}` } : null;
}
