import type { z } from 'zod';
import { type FieldFault, InvalidInput } from './errors.ts';

/** Nobody reads more, and a small body of wrong fields would make a large answer. */
const MOST_FAULTS = 100;

/** A value as a schema made it, or what is wrong with it. */
export type Checked<T> = { readonly value: T } | { readonly faults: readonly FieldFault[] };

/** Checks a value. Each fault (the first hundred of them) has a JSON Pointer (RFC 6901) and a sentence; an unknown field is pointed at by its name. */
export function checkBy<Schema extends z.ZodType>(schema: Schema, value: unknown): Checked<z.output<Schema>> {
  const read = schema.safeParse(value, { error: sentenceFor });
  return read.success ? { value: read.data } : { faults: read.error.issues.flatMap(faultsOf).slice(0, MOST_FAULTS) };
}

/** What the schema makes of a value. Throws `InvalidInput`. */
export function readBy<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const checked = checkBy(schema, value);
  if ('faults' in checked) throw new InvalidInput(checked.faults);
  return checked.value;
}

function faultsOf(issue: z.core.$ZodIssue): FieldFault[] {
  if (issue.code !== 'unrecognized_keys') return [{ pointer: jsonPointer(issue.path), detail: issue.message }];
  return issue.keys.map((key) => ({
    pointer: jsonPointer([...issue.path, key]),
    detail: 'There is no field of this name here.',
  }));
}

/** The JSON Pointer to a place (RFC 6901, section 3); the empty text is the whole. */
function jsonPointer(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
};

/** Words for faults whose schema has none of its own. */
function sentenceFor(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined
        ? 'This is missing.'
        : `This must be ${KINDS[issue.expected] ?? issue.expected}.`;
    case 'invalid_value':
      return `Write ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}.`;
    case 'too_big':
      return `At most ${issue.maximum.toLocaleString('en')} fit here.`;
    default:
      return undefined;
  }
}
