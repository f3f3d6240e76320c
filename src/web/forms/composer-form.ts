import { InvalidInput } from '../../kernel/errors.ts';
import { headerValue } from '../../kernel/headers.ts';
import type { Composed } from '../../services/exchanges/request-sender.ts';
import type { Form } from '../context.ts';
import { CONTENT_CHOICES, type ComposerValues, type ContentChoice } from '../presenters/composer.ts';
import { LINE_ENDS, typedBody } from '../typed-body.ts';
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
    lineEnds: LINE_ENDS.find((choice) => choice === form.lineEnds) ?? 'lf',
  };
}

/** The call that was composed. An empty body field is no body. Throws `InvalidInput` for lines that are no headers. */
export function readComposerForm(form: Form): Composed {
  const { method, path, headers: text, body, contentType, lineEnds } = composerValues(form);
  const { pairs, faults } = readHeaderLines(text, '/headers');
  if (faults.length > 0) throw new InvalidInput(faults);
  const type = body === '' ? null : TYPES[contentType];
  const isTyped = type === null || headerValue(pairs, 'content-type') !== null;
  return {
    method: method.trim().toUpperCase(),
    path: path.trim(),
    headers: isTyped ? pairs : [...pairs, ['content-type', type]],
    body: body === '' ? null : typedBody(body, lineEnds),
  };
}

/** The choice a content type stands for, or null where it is none of them. */
export function contentChoiceOf(type: string | null): ContentChoice | null {
  if (type === null) return 'none';
  return CONTENT_CHOICES.find((choice) => TYPES[choice] === type) ?? null;
}
