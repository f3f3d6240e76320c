/** Ways a secret may come back, each of which a masker has to know. */
export const ENCODINGS: Readonly<Record<string, (text: string) => string>> = {
  raw: (text) => text,
  json: (text) => JSON.stringify(text).slice(1, -1),
  percent: (text) => encodeURIComponent(text),
  'percent-all': (text) => Array.from(Buffer.from(text), (byte) => `%${hexOf(byte).toUpperCase()}`).join(''),
  'percent-all-lower': (text) => Array.from(Buffer.from(text), (byte) => `%${hexOf(byte)}`).join(''),
  form: (text) => new URLSearchParams({ v: text }).toString().slice(2),
  base64: (text) => Buffer.from(text).toString('base64'),
  base64url: (text) => Buffer.from(text).toString('base64url'),
  hex: (text) => Buffer.from(text).toString('hex'),
  'hex-upper': (text) => Buffer.from(text).toString('hex').toUpperCase(),
  'basic-pair': (text) => Buffer.from(`client:${text}`).toString('base64'),
};

/** A text in one of the encodings; throws for a name that is none. */
export function encoded(text: string, encoding: string): string {
  const encode = ENCODINGS[encoding];
  if (!encode) throw new Error(`There is no encoding called ${encoding}. Known: ${Object.keys(ENCODINGS).join(', ')}.`);
  return encode(text);
}

function hexOf(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
