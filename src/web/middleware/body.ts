import { isUtf8 } from 'node:buffer';
import type { Context, Middleware } from 'koa';
import getRawBody from 'raw-body';
import { Malformed, QueueFull, TooLarge } from '../../kernel/errors.ts';
import { isSafeMethod } from '../../kernel/exchange.ts';
import { MOST_HAR_BYTES } from '../../services/exchanges/imports/har-reader.ts';
import { askerOf, factsOf, type Form, isForRelay, type RequestBody } from '../context.ts';
import { UnsupportedMediaType } from '../errors.ts';
import { parseJson } from '../json-text.ts';
import { readFormData } from './form-data.ts';

const KiB = 1024;
const MiB = 1024 * KiB;
const FORM_BYTES = 64 * KiB;
const JSON_BYTES = MiB;
const COMPOSER_BYTES = 24 * MiB;
const COMPOSERS = /^(?:\/api\/v1)?\/connections\/[^/]+\/exchanges\/?$/i;
/** A file, and the form around it. */
const IMPORT_BYTES = MOST_HAR_BYTES + FORM_BYTES;
const IMPORTS = /^(?:\/api\/v1)?\/exchanges\/imports\/?$/i;
const READ_MS = 30_000;
/** A file takes its time on a slow line. */
const IMPORT_READ_TIMES = 4;
const FILES = 'Send the file as application/json, or in a form as multipart/form-data.';
/** What large bodies may hold at once; each costs several times its size until its call is on record. */
const LARGE_AT_ONCE_BYTES = 128 * MiB;
/** No form of ours comes near. */
const MOST_FIELDS = 200;
const PLUS = 0x2b;
const SPACE = 0x20;

interface Parts {
  /** How long a body may take to arrive. */
  readonly readMs?: number;
}

/**
 * Reads forms and JSON before anything looks at them; everything under `/proxy` streams by itself and is left alone.
 * Throws `TooLarge`, `UnsupportedMediaType` and `Malformed`, and `QueueFull` where too many large bodies are in the house.
 * Content codings are not taken off.
 */
export function body({ readMs = READ_MS }: Parts = {}): Middleware {
  let held = 0;
  return async function body(ctx, next) {
    if (isSafeMethod(ctx.method) || isForRelay(ctx.path)) return next();

    const bytes = largeBytesOf(ctx);
    if (held + bytes > LARGE_AT_ONCE_BYTES) throw unread(ctx, new QueueFull());
    held += bytes;
    try {
      factsOf(ctx).body = await read(ctx, readMs);
      return await next();
    } finally {
      held -= bytes;
    }
  };
}

async function read(ctx: Context, readMs: number): Promise<RequestBody> {
  if (ctx.get('Content-Length') === '0' || !(ctx.get('Content-Length') || ctx.get('Transfer-Encoding'))) {
    return { kind: 'none' };
  }
  if (!['', 'identity'].includes(ctx.get('Content-Encoding').toLowerCase())) {
    throw unread(ctx, new UnsupportedMediaType('Send the body without a content coding.'));
  }
  const type = ctx.get('Content-Type').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const isJson = type === 'application/json' || (type.startsWith('application/') && type.endsWith('+json'));
  if (isImport(ctx)) {
    const limitMs = IMPORT_READ_TIMES * readMs;
    if (isJson) return { kind: 'unread json', pieces: [await bytes(ctx, JSON_BYTES, limitMs)] };
    if (type !== 'multipart/form-data') throw unread(ctx, new UnsupportedMediaType(FILES));
    return { kind: 'form', ...(await readFormData(ctx.get('Content-Type'), await bytes(ctx, FORM_BYTES, limitMs))) };
  }
  if (type === 'application/x-www-form-urlencoded') {
    return { kind: 'form', fields: fieldsOf(await text(ctx, FORM_BYTES, readMs)) };
  }
  if (isJson) return { kind: 'json', value: parseJson((await text(ctx, JSON_BYTES, readMs)).toString()) };
  throw unread(ctx, new UnsupportedMediaType('Send the body as application/json or as a form, URL-encoded.'));
}

async function text(ctx: Context, ordinary: number, readMs: number): Promise<Buffer> {
  const read = await bytes(ctx, ordinary, readMs);
  if (!isUtf8(read)) throw new Malformed('The body must be in UTF-8.');
  return read;
}

async function bytes(ctx: Context, ordinary: number, readMs: number): Promise<Buffer> {
  const limit = limitFor(ctx, ordinary);
  const tooLarge = () =>
    unread(ctx, new TooLarge(`The body is larger than ${limitText(limit)}, which is the limit here.`));
  if (Number(ctx.get('Content-Length')) > limit) throw tooLarge();

  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(unread(ctx, new Malformed(`The body did not arrive within ${readMs / 1000} seconds.`))),
    readMs,
  );
  try {
    const length = ctx.get('Content-Length') || null;
    return await Promise.race([getRawBody(ctx.req, { limit, length }), late.promise]);
  } catch (error) {
    if (Error.isError(error) && 'type' in error && error.type === 'entity.too.large') throw tooLarge();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** What a large body will hold, by what it says of itself; small ones count for nothing. */
function largeBytesOf(ctx: Context): number {
  const limit = limitFor(ctx, FORM_BYTES);
  const told = ctx.get('Transfer-Encoding') ? limit : Number(ctx.get('Content-Length'));
  return limit > FORM_BYTES && told > FORM_BYTES ? Math.min(told, limit) : 0;
}

function isImport(ctx: Context): boolean {
  return ctx.method === 'POST' && IMPORTS.test(ctx.path);
}

/** Composed calls and files may be large; strangers may send nothing large at all. */
function limitFor(ctx: Context, ordinary: number): number {
  if (!askerOf(ctx)) return Math.min(ordinary, FORM_BYTES);
  if (isImport(ctx)) return IMPORT_BYTES;
  return ctx.method === 'POST' && COMPOSERS.test(ctx.path) ? COMPOSER_BYTES : ordinary;
}

/** In the unit that fits. What a form takes around a file is not told: the file is what people know the size of. */
function limitText(bytes: number): string {
  return bytes < MiB ? `${bytes / KiB} KiB` : `${Math.floor(bytes / MiB)} MiB`;
}

/** What is left of a refused body is not read, so its connection cannot be used again. */
function unread<T extends Error>(ctx: Context, error: T): T {
  ctx.set('Connection', 'close');
  return error;
}

/** By hand, because `URLSearchParams` takes minutes for a form that is large and hostile, and nothing else runs then. */
function fieldsOf(form: Buffer): Form {
  for (let at = 0; at < form.length; at += 1) if (form[at] === PLUS) form[at] = SPACE;
  const pairs = form.toString().split('&', MOST_FIELDS + 1);
  if (pairs.length > MOST_FIELDS) throw new Malformed(`A form has ${MOST_FIELDS} fields at most.`);
  const fields: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const pair of pairs.filter((one) => one !== '')) {
    const [name = ''] = pair.split('=', 1);
    const field = decoded(name);
    if (field in fields) throw new Malformed('A field of the form came twice.', { field });
    fields[field] = decoded(pair.slice(name.length + 1));
  }
  return fields;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Malformed('The form is not URL-encoded UTF-8.');
  }
}
