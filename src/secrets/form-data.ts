import type { Span } from './spans.ts';

const BOUNDARY = /boundary=(?:"([^"]{1,200})"|([^\s;]{1,200}))/i;
const NAME = /content-disposition:[^\r\n]*?;\s*name="?([^"\r\n;]*)"?/i;
const MOST_HEAD_BYTES = 8192;

/** Where the contents stand of `multipart/form-data` parts (RFC 7578) that have a masked name. */
export function formDataSpans(body: Buffer, contentType: string, isField: (name: string) => boolean): Span[] {
  const [, quoted, plain] = BOUNDARY.exec(contentType) ?? [];
  const boundary = quoted ?? plain;
  if (!boundary) return [];

  const spans: Span[] = [];
  const mark = Buffer.from(`--${boundary}`);
  for (let at = body.indexOf(mark); at >= 0;) {
    const next = body.indexOf(mark, at + mark.length);
    const span = contentOf(body, at + mark.length, next < 0 ? body.length : next, isField);
    if (span) spans.push(span);
    at = next;
  }
  return spans;
}

function contentOf(body: Buffer, from: number, to: number, isField: (name: string) => boolean): Span | null {
  const gap = body.subarray(from, Math.min(to, from + MOST_HEAD_BYTES)).indexOf('\r\n\r\n');
  if (gap < 0) return null;
  const [, name] = NAME.exec(body.toString('latin1', from, from + gap)) ?? [];
  if (name === undefined || !isField(name)) return null;
  const start = from + gap + 4;
  const end = body[to - 1] === 0x0a && body[to - 2] === 0x0d && to < body.length ? to - 2 : to;
  return end > start ? { start, end } : null;
}
