import { formSpans } from './fields.ts';
import { formDataSpans } from './form-data.ts';
import { memberSpans } from './json-members.ts';
import type { Names } from './names.ts';
import type { Span } from './spans.ts';

const LINES_OF_JSON = /event-stream|ndjson|jsonl|json-seq|json-lines/;
const FORM_START = /^[\w.~%+[\]-]{1,100}=[^\s<>]*$/;

/** Where masked names' values stand in a body, by what the body is: JSON, a form, form data; nothing in other bodies. */
export function bodySpans(bytes: Uint8Array, contentType: string | null, names: Names, isWide: boolean): Span[] {
  const type = contentType?.toLowerCase() ?? '';
  const isField = (name: string) => names.isField(name);
  if (type.includes('multipart/form-data')) return formDataSpans(viewOf(bytes), contentType ?? '', isField);
  if (type.includes('x-www-form-urlencoded')) return formSpans(viewOf(bytes).toString('latin1'), isField);
  if (LINES_OF_JSON.test(type)) return memberSpans(bytes, names.members, true);
  if (type.includes('json') || startsAsJson(bytes)) return memberSpans(bytes, names.members, false);
  if (isWide && FORM_START.test(viewOf(bytes).toString('latin1', 0, 1024)))
    return formSpans(viewOf(bytes).toString('latin1'), isField);
  return [];
}

function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** True when the first byte that is no white space (nor a byte order mark) opens an object or an array. */
function startsAsJson(bytes: Uint8Array): boolean {
  for (const byte of bytes) {
    if (byte === 0x7b || byte === 0x5b) return true;
    if (byte > 0x20 && byte !== 0xef && byte !== 0xbb && byte !== 0xbf) return false;
  }
  return false;
}
