import { LINE_ENDS, type LineEnds } from '../typed-body.ts';

/** What stands in the composer, as typed. */
export interface ComposerValues {
  readonly method: string;
  readonly path: string;
  /** `Name: value` lines. */
  readonly headers: string;
  readonly body: string;
  readonly contentType: ContentChoice;
  /** What the lines of the body end in when it is sent. */
  readonly lineEnds: LineEnds;
}

/** Content types to choose from; `none` adds no header. */
export const CONTENT_CHOICES = ['none', 'json', 'form', 'text', 'xml'] as const;
export type ContentChoice = (typeof CONTENT_CHOICES)[number];

/** A composer nobody has typed in yet. */
export const EMPTY_COMPOSER: ComposerValues = {
  method: 'GET',
  path: '',
  headers: '',
  body: '',
  contentType: 'none',
  lineEnds: 'lf',
};

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];
const CONTENT_WORDS: Record<ContentChoice, string> = {
  none: 'None',
  json: 'JSON',
  form: 'Form',
  text: 'Text',
  xml: 'XML',
};
const LINE_END_WORDS: Record<LineEnds, string> = { lf: 'LF', crlf: 'CR LF' };

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
    lineEnds: LINE_ENDS.map((value) => ({
      value,
      text: LINE_END_WORDS[value],
      isChosen: value === values.lineEnds,
    })),
    errors: {
      method: errors.method ?? null,
      path: errors.path ?? null,
      headers: errors.headers ?? null,
      body: errors.body ?? null,
    },
  };
}
