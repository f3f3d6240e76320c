/** What stands in the composer, as typed. */
export interface ComposerValues {
  readonly method: string;
  readonly path: string;
  /** `Name: value` lines. */
  readonly headers: string;
  readonly body: string;
  readonly contentType: ContentChoice;
}

/** Content types to choose from; `none` adds no header. */
export const CONTENT_CHOICES = ['none', 'json', 'form', 'text', 'xml'] as const;
export type ContentChoice = (typeof CONTENT_CHOICES)[number];

/** A composer nobody has typed in yet. */
export const EMPTY_COMPOSER: ComposerValues = { method: 'GET', path: '', headers: '', body: '', contentType: 'none' };

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];
const CONTENT_WORDS: Record<ContentChoice, string> = {
  none: 'None',
  json: 'JSON',
  form: 'Form',
  text: 'Text',
  xml: 'XML',
};

/** The composer's fields with their choices and the faults found in them, by field name. */
export function composer(values: ComposerValues, errors: Readonly<Record<string, string>>) {
  const methods = METHODS.includes(values.method) ? METHODS : [...METHODS, values.method];
  return {
    path: values.path,
    headers: values.headers,
    body: values.body,
    methods: methods.map((value) => ({ value, isChosen: value === values.method })),
    contentTypes: CONTENT_CHOICES.map((value) => ({
      value,
      text: CONTENT_WORDS[value],
      isChosen: value === values.contentType,
    })),
    errors: {
      method: errors.method ?? null,
      path: errors.path ?? null,
      headers: errors.headers ?? null,
      body: errors.body ?? null,
    },
  };
}
