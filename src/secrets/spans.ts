import { REDACTED } from '../kernel/masker.ts';

/** A stretch that holds a secret, from `start` to before `end`; `quoted` where the marker has to bring its own quotes. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly quoted?: boolean;
}

/** The marker as bytes, and the one that brings its own quotes. */
export const MARKER = Buffer.from(REDACTED);
export const QUOTED_MARKER = Buffer.from(`"${REDACTED}"`);

/** The same stretches in order, those that overlap made one; the first decides about quotes. */
function mergeSpans(spans: readonly Span[]): Span[] {
  const merged: Span[] = [];
  for (const span of spans.toSorted(byStart)) {
    const last = merged.at(-1);
    if (!last || span.start >= last.end) merged.push(span);
    else if (span.end > last.end) merged[merged.length - 1] = { ...last, end: span.end };
  }
  return merged;
}

/** The order in which stretches are masked. */
export function byStart(one: Span, other: Span): number {
  return one.start - other.start || Number(other.quoted ?? false) - Number(one.quoted ?? false);
}

/** Puts the marker in place of each stretch. Without stretches the same array comes back. */
export function maskSpans(bytes: Uint8Array, spans: readonly Span[]): Uint8Array {
  if (spans.length === 0) return bytes;
  const parts: Uint8Array[] = [];
  let from = 0;
  for (const { start, end, quoted } of mergeSpans(spans)) {
    parts.push(bytes.subarray(from, start), quoted ? QUOTED_MARKER : MARKER);
    from = end;
  }
  parts.push(bytes.subarray(from));
  return Buffer.concat(parts);
}

/** As `maskSpans`, for a text whose positions are those of the stretches. */
export function maskTextSpans(text: string, spans: readonly Span[]): string {
  let masked = '';
  let from = 0;
  for (const { start, end } of mergeSpans(spans)) {
    masked += text.slice(from, start) + REDACTED;
    from = end;
  }
  return masked + text.slice(from);
}
