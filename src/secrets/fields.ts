import { maskShapes } from './shapes.ts';
import { maskTextSpans, type Span } from './spans.ts';

/** `name=value` in a query, a fragment or a text with such a URL in it. */
const IN_QUERY = /([?&#])([^=&#?\s"'<>]*)=([^&#\s"'<>]+)/g;
/** `name=value` in a form (`application/x-www-form-urlencoded`). */
const IN_FORM = /(^|&)([^=&]*)=([^&]+)/g;

type IsField = (name: string) => boolean;

/** Where the values stand, in a form's text, that have a masked name or look like a secret. */
export function formSpans(form: string, isField: IsField): Span[] {
  return fieldSpans(form, IN_FORM, isField);
}

/** The text with the values masked of every query and fragment in it that have a masked name or look like a secret. */
export function maskQueries(text: string, isField: IsField): string {
  if (!/[?&#]/.test(text)) return text;
  const spans = fieldSpans(text, IN_QUERY, isField);
  return spans.length === 0 ? text : maskTextSpans(text, spans);
}

function fieldSpans(text: string, pattern: RegExp, isField: IsField): Span[] {
  const spans: Span[] = [];
  for (const match of text.matchAll(pattern)) {
    const [whole, , name = '', value = ''] = match;
    const end = match.index + whole.length;
    if (isField(unescaped(name)) || looksSecret(value, isField)) spans.push({ start: end - value.length, end });
  }
  return spans;
}

/** True for a value that is, or that holds (a URL in a query), something to mask. */
function looksSecret(value: string, isField: IsField): boolean {
  const text = unescaped(value);
  if (maskShapes(text) !== text) return true;
  return text !== value && maskQueries(text, isField) !== text;
}

function unescaped(text: string): string {
  if (!/[%+]/.test(text)) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
