import { InvalidInput } from '../../kernel/errors.ts';
import { headerValue } from '../../kernel/headers.ts';
import type { Composed } from '../../services/exchanges/request-sender.ts';
import type { Form } from '../context.ts';
import { CONTENT_CHOICES, type ComposerValues, type ContentChoice } from '../presenters/composer.ts';
import { readHeaderLines } from './lines.ts';

const TYPES: Readonly<Record<ContentChoice, string | null>> = {
  none: null,
  json: 'application/json',
  form: 'application/x-www-form-urlencoded',
  text: 'text/plain; charset=utf-8',
  xml: 'application/xml',
};

/** What stands in the composer, as typed. */
export function composerValues(form: Form): ComposerValues {
  const contentType = CONTENT_CHOICES.find((choice) => choice === form.contentType) ?? 'none';
  return {
    method: form.method ?? 'GET',
    path: form.path ?? '',
    headers: form.headers ?? '',
    body: form.body ?? '',
    contentType,
  };
}

/** The call that was composed. An empty body field is no body. Throws `InvalidInput` for lines that are no headers. */
export function readComposerForm(form: Form): Composed {
  const { method, path, headers: text, body, contentType } = composerValues(form);
  const { pairs, faults } = readHeaderLines(text, '/headers');
  if (faults.length > 0) throw new InvalidInput(faults);
  const type = body === '' ? null : TYPES[contentType];
  const isTyped = type === null || headerValue(pairs, 'content-type') !== null;
  return {
    method: method.trim().toUpperCase(),
    path: path.trim(),
    headers: isTyped ? pairs : [...pairs, ['content-type', type]],
    // A form sends line ends as CR LF; what was typed had plain ones.
    body: body === '' ? null : Buffer.from(body.replaceAll('\r\n', '\n')),
  };
}

/** The choice a content type stands for, or null where it is none of them. */
export function contentChoiceOf(type: string | null): ContentChoice | null {
  if (type === null) return 'none';
  return CONTENT_CHOICES.find((choice) => TYPES[choice] === type) ?? null;
}
