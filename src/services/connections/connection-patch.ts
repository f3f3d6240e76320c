import { z } from 'zod';
import { connectionInput, readConnectionInput, type ConnectionInput } from './connection-input.ts';
import type { ConnectionDocument } from './connection-document.ts';

const { auth, ...fields } = connectionInput.shape;
const authFields = Object.assign({}, ...auth.options.map((option) => option.shape)) as Record<string, z.ZodType>;
const { type: _type, ...ofAuth } = authFields;

/** Fields of every type of authorisation, because a patch need not name the type it has already. */
const authPatch = z.strictObject({
  ...allOptional(ofAuth),
  type: z.enum(auth.options.map((option) => option.shape.type.value)).optional(),
});

/**
 * What is to be changed of a connection (JSON Merge Patch, RFC 7396): what is left out stays, null takes away or goes
 * back to the default, objects are merged member by member, lists are replaced as a whole. Another `auth.type` replaces all of `auth`.
 */
export const connectionPatch = z.strictObject({
  ...allOptional(fields),
  auth: authPatch.optional(),
  publicJwks: z.unknown().optional().meta({ description: 'Is shown; given back it changes nothing.' }),
});

export type ConnectionPatch = z.infer<typeof connectionPatch>;

/** The description that a patch makes of what is there. Throws `InvalidInput`. */
export function patchedInput(is: ConnectionDocument, patch: ConnectionPatch, usualMs: number): ConnectionInput {
  const { createdAt: _createdAt, updatedAt: _updatedAt, publicJwks: _publicJwks, ...was } = is;
  const { auth: wanted = {}, publicJwks: _given, ...plain } = patch;
  const isOther = wanted.type !== undefined && wanted.type !== was.auth.type;
  const auth = merged(isOther ? {} : was.auth, wanted);
  return readConnectionInput({
    timeoutMs: usualMs,
    unmaskNames: [],
    ...merged(was, plain),
    auth: isOther ? auth : { ...auth, ...takenAway(was.auth, auth) },
  });
}

type Members = Readonly<Record<string, unknown>>;

/** RFC 7396, section 2; null among what is there means that there is nothing. */
function merged(is: Members, patch: Members): Members {
  const given = Object.entries(patch)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, isMembers(value) ? merged(membersOf(is[name]), value) : value]);
  return Object.fromEntries(
    Object.entries({ ...is, ...Object.fromEntries(given) }).filter(([, value]) => value !== null),
  );
}

function membersOf(value: unknown): Members {
  return isMembers(value) ? value : {};
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Secrets that were there and are not any more: nothing said of a secret would keep it. */
function takenAway(was: Members, is: Members): Members {
  const isMark = (value: unknown) => typeof value === 'object' && value !== null && 'set' in value;
  const gone = Object.keys(was).filter((name) => isMark(was[name]) && !(name in is));
  return Object.fromEntries(gone.map((name) => [name, null]));
}

function allOptional(shape: Readonly<Record<string, z.ZodType>>): Record<string, z.ZodType> {
  return Object.fromEntries(Object.entries(shape).map(([name, schema]) => [name, partOf(schema).nullish()]));
}

/** What a patch may say of a field: of an object some of its members. A default would be a change that nobody asked for. */
function partOf(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional || schema instanceof z.ZodNullable)
    return partOf(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodObject) return z.strictObject(allOptional(schema.shape as Record<string, z.ZodType>));
  if (schema instanceof z.ZodRecord)
    return z.record(schema.keyType as z.ZodString, (schema.valueType as z.ZodType).nullable());
  return schema;
}
