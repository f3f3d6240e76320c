import type { Context } from 'koa';
import { z } from 'zod';
import { InvalidInput, type FieldFault } from '../../kernel/errors.ts';
import { checkBy } from '../../kernel/field-faults.ts';
import { askerOf, factsOf } from '../context.ts';
import { UnsupportedMediaType } from '../errors.ts';
import { leaving } from '../leaving.ts';
import type { Asked, Declaration } from './operation.ts';

const NOTHING = z.strictObject({});

/** No list that is read here is longer; schemas look at each item before they count. */
const MOST_ITEMS = 1000;

/** Reads what was asked by the schemas of the declaration. Throws `InvalidInput`, `UnsupportedMediaType`. */
export function readAsked(declared: Declaration, ctx: Context, params: Record<string, string>): Asked<Declaration> {
  const body = bodyOf(declared, ctx);
  const faults: FieldFault[] = [];
  const read = (schema: z.ZodType | undefined, value: unknown): unknown => {
    if (!schema) return undefined;
    const checked = checkBy(schema, value);
    if ('value' in checked) return checked.value;
    faults.push(...checked.faults);
    return undefined;
  };
  const asked = {
    actor: askerOf(ctx) as Asked<Declaration>['actor'],
    params: (read(declared.params, params) ?? {}) as Record<string, never>,
    query: read(declared.query?.strict() ?? NOTHING, { ...ctx.query }) as Record<string, never>,
    body: (declared.body?.isUnread ? body : read(declared.body?.schema, inShortLists(body))) as undefined,
    url: ctx.originalUrl,
    left: leaving(ctx.res),
  };
  if (faults.length > 0) throw new InvalidInput(faults);
  return asked;
}

/** The body as JSON of a type that is taken here, or its pieces; undefined where none is asked for. */
function bodyOf({ body: declared }: Declaration, ctx: Context): unknown {
  const { body } = factsOf(ctx);
  if (!declared) {
    if (body.kind === 'none' || (body.kind === 'json' && isEmptyObject(body.value))) return undefined;
    throw new InvalidInput([{ pointer: '', detail: 'There is no body here; send none.' }]);
  }
  const mediaTypes = declared.mediaTypes ?? ['application/json'];
  if (ctx.is(...mediaTypes)) {
    if (body.kind === 'unread json') return body.pieces;
    if (body.kind === 'json') return body.value;
  }
  throw new UnsupportedMediaType(`Send the body as ${mediaTypes.join(' or ')}.`);
}

/** The body itself. Throws `InvalidInput` where a field of it is a list that nobody needs. */
function inShortLists(body: unknown): unknown {
  const faults = Object.entries(typeof body === 'object' && body !== null ? body : {})
    .filter(([, value]) => Array.isArray(value) && value.length > MOST_ITEMS)
    .map(([name]) => ({ pointer: `/${name}`, detail: `At most ${MOST_ITEMS.toLocaleString('en')} items fit here.` }));
  if (faults.length > 0) throw new InvalidInput(faults.slice(0, 1));
  return body;
}

function isEmptyObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;
}
