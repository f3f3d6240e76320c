/**
 * Undoes the escape that begins at `at`: writes what it stands for to `out` from its beginning on, and gives how many
 * bytes it took and how many it wrote as `taken * 8 + written`; 0 where there is no escape, `OPEN` where the text ends
 * before that can be told. It never writes more than it took. In a text that `isLast` nothing is open.
 */
export type Undo = (bytes: Uint8Array, at: number, out: Uint8Array, isLast: boolean) => number;

/** One kind of escape. */
export interface EscapeKind {
  /** Every escape of this kind begins with this byte. */
  readonly first: number;
  readonly undo: Undo;
  /** True where no other escape is looked for once this one is undone. */
  readonly isInnermost: boolean;
}

/** What `undo` gives for an escape that may go on in bytes that have not come yet. */
export const OPEN = -1;
const NONE = -2;

const BACKSLASH = 0x5c;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SEMICOLON = 0x3b;
const HASH = 0x23;
const LONGEST_ENTITY = 10;

const SIMPLE = tableOf('"\\/bfnrt', '"\\/\b\f\n\r\t');
const HEX = tableOf('0123456789abcdefABCDEF', '\0\x01\x02\x03\x04\x05\x06\x07\x08\t\n\v\f\r\x0e\x0f\n\v\f\r\x0e\x0f');
const BASE64 = tableOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=');
const ENTITY_BYTE = tableOf('0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ#');
const ENTITIES = new Map(
  Object.entries({ amp: 0x26, lt: 0x3c, gt: 0x3e, quot: 0x22, apos: 0x27 }).map(([name, code]) => {
    return [packed(Buffer.from(name), 0, name.length), code] as const;
  }),
);

/** The escapes of JSON, of URLs and forms, of HTML and XML, and the line breaks between base64 digits. */
export const ESCAPE_KINDS: readonly EscapeKind[] = [
  { first: BACKSLASH, undo: undoJson, isInnermost: false },
  { first: 0x25, undo: undoPercent, isInnermost: false },
  { first: 0x26, undo: undoEntity, isInnermost: false },
  { first: LINE_FEED, undo: undoLineFeed, isInnermost: true },
  { first: CARRIAGE_RETURN, undo: undoLineEnd, isInnermost: true },
];

/** RFC 8259, section 7. */
function undoJson(bytes: Uint8Array, at: number, out: Uint8Array, isLast: boolean): number {
  const next = bytes[at + 1];
  if (next === undefined) return openUnless(isLast);
  const simple = SIMPLE[next]!;
  if (simple >= 0) {
    out[0] = simple;
    return took(2, 1);
  }
  const high = unicodeEscape(bytes, at);
  if (high < 0) return high === OPEN ? openUnless(isLast) : 0;
  const low = isHighSurrogate(high) ? unicodeEscape(bytes, at + 6) : NONE;
  if (low === OPEN && !isLast) return OPEN;
  if (low >= 0xdc00 && low <= 0xdfff) {
    return took(12, writeUtf8(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00), out));
  }
  return took(6, writeUtf8(high, out));
}

/** RFC 3986, section 2.1. */
function undoPercent(bytes: Uint8Array, at: number, out: Uint8Array, isLast: boolean): number {
  const byte = hexAt(bytes, at + 1, 2);
  if (byte < 0) return byte === OPEN ? openUnless(isLast) : 0;
  out[0] = byte;
  return took(3, 1);
}

function undoEntity(bytes: Uint8Array, at: number, out: Uint8Array, isLast: boolean): number {
  const limit = at + LONGEST_ENTITY;
  let end = at + 1;
  while (end < limit && end < bytes.length && ENTITY_BYTE[bytes[end]!]! >= 0) end += 1;
  if (end === limit) return 0;
  if (end === bytes.length) return openUnless(isLast);
  if (bytes[end] !== SEMICOLON) return 0;
  const code = bytes[at + 1] === HASH ? numberOf(bytes, at + 2, end) : ENTITIES.get(packed(bytes, at + 1, end));
  if (code === undefined || code < 0 || code > 0x10ffff) return 0;
  return took(end + 1 - at, writeUtf8(code, out));
}

/** One line break between base64 digits is nothing: MIME puts one after every 76 (RFC 2045, section 6.8). */
function undoLineFeed(bytes: Uint8Array, at: number, _out: Uint8Array, isLast: boolean): number {
  return betweenDigits(bytes, at, 1, isLast);
}

function undoLineEnd(bytes: Uint8Array, at: number, _out: Uint8Array, isLast: boolean): number {
  if (at + 1 === bytes.length) return isDigit(bytes, at - 1) ? openUnless(isLast) : 0;
  return bytes[at + 1] === LINE_FEED ? betweenDigits(bytes, at, 2, isLast) : 0;
}

function betweenDigits(bytes: Uint8Array, at: number, taken: number, isLast: boolean): number {
  if (!isDigit(bytes, at - 1)) return 0;
  if (at + taken === bytes.length) return openUnless(isLast);
  return isDigit(bytes, at + taken) ? took(taken, 0) : 0;
}

function openUnless(isLast: boolean): number {
  return isLast ? 0 : OPEN;
}

function took(taken: number, written: number): number {
  return taken * 8 + written;
}

function isDigit(bytes: Uint8Array, at: number): boolean {
  return at >= 0 && at < bytes.length && BASE64[bytes[at]!]! >= 0;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

/** A code unit, or `OPEN` where the text ends within what may be one, or `NONE`. */
function unicodeEscape(bytes: Uint8Array, at: number): number {
  if (at < bytes.length && bytes[at] !== BACKSLASH) return NONE;
  if (at + 1 < bytes.length && bytes[at + 1] !== 0x75) return NONE;
  return hexAt(bytes, at + 2, 4);
}

function hexAt(bytes: Uint8Array, at: number, digits: number): number {
  let value = 0;
  for (let end = at + digits; at < end; at += 1) {
    if (at >= bytes.length) return OPEN;
    const digit = HEX[bytes[at]!]!;
    if (digit < 0) return NONE;
    value = value * 16 + digit;
  }
  return value;
}

/** A decimal number, or a hexadecimal one after an `x`; -1 where there are other characters or none. */
function numberOf(bytes: Uint8Array, start: number, end: number): number {
  const base = (bytes[start]! | 32) === 0x78 ? 16 : 10;
  const from = base === 16 ? start + 1 : start;
  if (from === end) return -1;
  let value = 0;
  for (let at = from; at < end; at += 1) {
    const digit = HEX[bytes[at]!]!;
    if (digit < 0 || digit >= base) return -1;
    value = value * base + digit;
  }
  return value;
}

/** Up to four letters, whatever their case, as one number; 0 where there are more. */
function packed(bytes: Uint8Array, start: number, end: number): number {
  if (end - start > 4) return 0;
  let value = 0;
  for (let at = start; at < end; at += 1) value = (value << 8) | bytes[at]! | 32;
  return value;
}

/** Half a surrogate pair becomes U+FFFD. */
function writeUtf8(code: number, out: Uint8Array): number {
  if (code < 0x80) {
    out[0] = code;
    return 1;
  }
  if (code >= 0xd800 && code <= 0xdfff) code = 0xfffd;
  const tail = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  for (let at = tail; at > 0; at -= 1) {
    out[at] = 0x80 | (code & 0x3f);
    code >>>= 6;
  }
  out[0] = [0, 0xc0, 0xe0, 0xf0][tail]! | code;
  return tail + 1;
}

/** For each byte of `from` the byte of `into` at the same place, for all others -1. */
function tableOf(from: string, into: string = from): Int16Array {
  const table = new Int16Array(256).fill(-1);
  for (let at = 0; at < from.length; at += 1) table[from.charCodeAt(at)] = into.charCodeAt(at);
  return table;
}
