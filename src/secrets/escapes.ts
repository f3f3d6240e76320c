/**
 * Undoes the escape that begins at `at`: writes what it stands for to `out` from `to` on, and gives how many bytes it
 * took and how many it wrote as `taken * 8 + written`; 0 where there is no whole escape. It never writes more than it took.
 */
export type Undo = (bytes: Uint8Array, at: number, out: Uint8Array, to: number) => number;

/** One kind of escape. */
export interface EscapeKind {
  /** Every escape of this kind begins with this byte. */
  readonly first: number;
  readonly undo: Undo;
  /** The first half of an escape at the end of a text that goes on later, in group 1. */
  readonly openTail: RegExp;
  /** True where no other escape is looked for once this one is undone. */
  readonly isInnermost?: boolean;
}

const BACKSLASH = 0x5c;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const LONGEST_ENTITY = 10;

const SIMPLE = tableOf('"\\/bfnrt', '"\\/\b\f\n\r\t');
const HEX = tableOf('0123456789abcdefABCDEF', '\0\x01\x02\x03\x04\x05\x06\x07\x08\t\n\v\f\r\x0e\x0f\n\v\f\r\x0e\x0f');
const BASE64 = tableOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=');
const ENTITIES: Readonly<Record<string, number>> = { amp: 0x26, lt: 0x3c, gt: 0x3e, quot: 0x22, apos: 0x27 };
const ENTITY = /^&(?:([a-z]{2,4})|#(\d{1,7})|#x([\da-f]{1,6}));/i;

/** The escapes of JSON, of URLs and forms, of HTML and XML, and the line breaks between base64 digits. */
export const ESCAPE_KINDS: readonly EscapeKind[] = [
  {
    first: BACKSLASH,
    undo: undoJson,
    openTail: /(?<!\\)(?:\\\\)*(\\(?:u(?:[\da-f]{0,3}|d[89ab][\da-f]{2}(?:\\(?:u[\da-f]{0,3})?)?))?)$/i,
  },
  { first: 0x25, undo: undoPercent, openTail: /(%[\da-f]?)$/i },
  { first: 0x26, undo: undoEntity, openTail: /(&#?\w{0,8})$/ },
  { first: LINE_FEED, undo: undoLineFeed, openTail: /(?<=[\w+/=-])(\n)$/, isInnermost: true },
  { first: CARRIAGE_RETURN, undo: undoLineEnd, openTail: /(?<=[\w+/=-])(\r\n?)$/, isInnermost: true },
];

/** RFC 8259, section 7. */
function undoJson(bytes: Uint8Array, at: number, out: Uint8Array, to: number): number {
  const simple = SIMPLE[bytes[at + 1] ?? 0]!;
  if (simple >= 0) {
    out[to] = simple;
    return took(2, 1);
  }
  const high = unicodeEscape(bytes, at);
  if (high < 0) return 0;
  const low = isHighSurrogate(high) ? unicodeEscape(bytes, at + 6) : -1;
  if (low >= 0xdc00 && low <= 0xdfff) {
    return took(12, writeUtf8(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00), out, to));
  }
  return took(6, writeUtf8(high >= 0xd800 && high <= 0xdfff ? 0xfffd : high, out, to));
}

/** RFC 3986, section 2.1. */
function undoPercent(bytes: Uint8Array, at: number, out: Uint8Array, to: number): number {
  const byte = hexAt(bytes, at + 1, 2);
  if (byte < 0) return 0;
  out[to] = byte;
  return took(3, 1);
}

function undoEntity(bytes: Uint8Array, at: number, out: Uint8Array, to: number): number {
  const text = Buffer.from(bytes.subarray(at, at + LONGEST_ENTITY)).toString('latin1');
  const [whole, name, decimal, hex] = ENTITY.exec(text) ?? [];
  if (!whole) return 0;
  const code = name ? ENTITIES[name.toLowerCase()] : Number.parseInt(decimal ?? hex!, decimal ? 10 : 16);
  if (code === undefined || code > 0x10ffff) return 0;
  return took(whole.length, writeUtf8(code, out, to));
}

/** One line break between base64 digits is nothing: MIME puts one after every 76 (RFC 2045, section 6.8). */
function undoLineFeed(bytes: Uint8Array, at: number): number {
  return isDigit(bytes, at - 1) && isDigit(bytes, at + 1) ? took(1, 0) : 0;
}

function undoLineEnd(bytes: Uint8Array, at: number): number {
  return bytes[at + 1] === LINE_FEED && isDigit(bytes, at - 1) && isDigit(bytes, at + 2) ? took(2, 0) : 0;
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

function unicodeEscape(bytes: Uint8Array, at: number): number {
  return bytes[at] === BACKSLASH && bytes[at + 1] === 0x75 ? hexAt(bytes, at + 2, 4) : -1;
}

function hexAt(bytes: Uint8Array, at: number, digits: number): number {
  let value = 0;
  for (let end = at + digits; at < end; at += 1) {
    const digit = HEX[bytes[at] ?? 0]!;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

function writeUtf8(code: number, out: Uint8Array, to: number): number {
  if (code < 0x80) {
    out[to] = code;
    return 1;
  }
  const bytes = Buffer.from(String.fromCodePoint(code));
  out.set(bytes, to);
  return bytes.length;
}

/** For each byte of `from` the byte of `into` at the same place, for all others -1. */
function tableOf(from: string, into: string = from): Int16Array {
  const table = new Int16Array(256).fill(-1);
  for (let at = 0; at < from.length; at += 1) table[from.charCodeAt(at)] = into.charCodeAt(at);
  return table;
}
