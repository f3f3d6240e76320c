import { z } from 'zod';
import type { ZodOpenApiOverrideMeta } from 'zod-openapi';

/** `?cursor=` of a list: reads the cursor that `writeCursor` made of the same parts. */
export function cursorOf<Parts extends z.ZodTuple>(parts: Parts) {
  return z
    .string()
    .max(2048)
    .transform((text, issues): z.output<Parts> => {
      const read = parts.safeParse(jsonOr(null, Buffer.from(text, 'base64url').toString()));
      if (read.success && writeCursor(read.data as CursorParts) === text) return read.data;
      issues.addIssue({ code: 'custom', message: 'This is no cursor of this list. Start from the first page.' });
      return z.NEVER;
    })
    .optional()
    .meta({ description: 'Where to go on, from `next` of the page before. Opaque: take it as it is.' });
}

/** What a cursor is made of: whatever the list is ordered by, of the last item. */
export type CursorParts = readonly (string | number)[];

/** A place in a list as text for a URL; opaque to whoever carries it. */
export function writeCursor(parts: CursorParts): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** The address of the page after: the one asked for, filters and all, with another cursor; null where there is none. */
export function nextPage(url: string, cursor: CursorParts | null): string | null {
  if (!cursor) return null;
  const [path = '', query = ''] = url.split('?');
  const parameters = new URLSearchParams(query);
  parameters.set('cursor', writeCursor(cursor));
  return `${path}?${parameters.toString()}`;
}

/** `?limit=` of a list. */
export const limit = queryInteger(1, 100)
  .default(50)
  .meta({
    description: 'How many items a page has at most.',
    override: as({ type: 'integer', minimum: 1, maximum: 100, default: 50 }),
  });

/** A page of a list of `item`, as a component of that name. */
export function listOf<Item extends z.ZodType>(id: string, item: Item) {
  return z
    .strictObject({
      items: z.array(item),
      next: z
        .string()
        .nullable()
        .meta({
          description: 'The address of the next page, or null where this is the last.',
          examples: ['/api/v1/connections?cursor=WyJQYXJ0bmVyIiwiMDE5My4uLiJd'],
        }),
    })
    .meta({ id });
}

/** A query parameter that holds a whole number. */
export function queryInteger(least: number, most: number) {
  const sentence = `Write a whole number between ${least.toLocaleString('en')} and ${most.toLocaleString('en')}.`;
  return z
    .string()
    .regex(/^\d{1,15}$/, sentence)
    .transform(Number)
    .refine((number) => number >= least && number <= most, sentence)
    .meta({ override: as({ type: 'integer', minimum: least, maximum: most }) });
}

/** A query parameter that holds a moment: a date, or a date and time with its zone (RFC 3339), seconds left out or not. */
export function queryMoment() {
  const sentence = 'Write a date such as 2026-11-22, or a time with its zone such as 2026-11-22T09:00:00Z.';
  return z
    .string()
    .refine(
      (text) =>
        z.iso
          .date()
          .or(z.iso.datetime({ offset: true }))
          .or(z.iso.datetime({ offset: true, precision: -1 }))
          .safeParse(text).success,
      sentence,
    )
    .transform((text) => new Date(text))
    .meta({ override: as({ type: 'string', anyOf: [{ format: 'date-time' }, { format: 'date' }] }) });
}

/** A query parameter that is `true` or `false`. */
export function queryFlag() {
  return z
    .enum(['true', 'false'], 'Write true or false.')
    .transform((text) => text === 'true')
    .meta({ override: as({ type: 'boolean' }) });
}

/** What the document says in place of the text that a query is made of; its description stays. */
function as(written: object): ZodOpenApiOverrideMeta {
  return ({ jsonSchema }) => {
    const { description } = jsonSchema;
    for (const key of Object.keys(jsonSchema)) delete (jsonSchema as Record<string, unknown>)[key];
    Object.assign(jsonSchema, written, description !== undefined && { description });
  };
}

function jsonOr(other: unknown, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return other;
  }
}
