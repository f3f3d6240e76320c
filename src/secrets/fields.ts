import { maskShapes } from './shapes.ts';
import { maskTextSpans, type Span } from './spans.ts';

/** `name=value` in a query, a fragment or a text with such a URL in it. */
const IN_QUERY = /([?&#])([^=&#?\s"'<>]*)=([^&#\s"'<>]+)/g;

/** Says whether a field's name is masked. */
export type IsField = (name: string) => boolean;

/** The text with the values masked of every query and fragment in it that have a masked name or look like a secret. */
export function maskQueries(text: string, isField: IsField): string {
  if (!/[?&#]/.test(text)) return text;
  const spans: Span[] = [];
  for (const match of text.matchAll(IN_QUERY)) {
    const [whole, , name = '', value = ''] = match;
    const end = match.index + whole.length;
    if (isField(unescaped(name)) || looksSecret(value, isField)) spans.push({ start: end - value.length, end });
  }
  return spans.length === 0 ? text : maskTextSpans(text, spans);
}

/** True for a value that is, or that holds (a URL in a query), something to mask. */
export function looksSecret(value: string, isField: IsField): boolean {
  const text = unescaped(value);
  if (maskShapes(text) !== text) return true;
  return text !== value && maskQueries(text, isField) !== text;
}

/** A name or value of a form or query with its escapes undone; byte by byte where they make no UTF-8. */
export function unescaped(text: string): string {
  if (!/[%+]/.test(text)) return text;
  const spaced = text.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced.replace(/%[\da-f]{2}/gi, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16)));
  }
}
