import type { Context } from 'koa';
import { NotAllowed, NotSignedIn } from '../kernel/errors.ts';
import type { Asker, Person } from '../kernel/role.ts';

const FACTS = Symbol('request facts');

/** Fields of a form by name; each name stands once. */
export type Form = Readonly<Record<string, string>>;

/** A request's body as `body()` read it. */
export type RequestBody =
  | { readonly kind: 'none' }
  | { readonly kind: 'form'; readonly fields: Form; readonly file?: File }
  | { readonly kind: 'json'; readonly value: unknown }
  /** JSON that is read piece by piece by whoever wants it. */
  | { readonly kind: 'unread json'; readonly pieces: readonly Uint8Array[] };

/** A file of a form, in pieces; null where none was chosen. */
type File = readonly Uint8Array[] | null;

/** What the middleware found out about one request. Each field is written by one middleware and read by accessors. */
export interface RequestFacts {
  readonly id: string;
  /** By `performance.now()`. */
  readonly startedAt: number;
  nonce: string;
  address: string;
  /** The protocol a trusted proxy was spoken to in; null where no trusted proxy says so. */
  forwardedProtocol: string | null;
  asker: Asker | null;
  body: RequestBody;
}

/** Starts the facts of a request; the first middleware does it. */
export function openFacts(ctx: Context, id: string): void {
  ctx[FACTS] = {
    id,
    startedAt: performance.now(),
    nonce: '',
    address: ctx.req.socket.remoteAddress ?? '',
    forwardedProtocol: null,
    asker: null,
    body: { kind: 'none' },
  } satisfies RequestFacts;
}

/** The facts of this request, for middleware that adds to them. */
export function factsOf(ctx: Context): RequestFacts {
  const facts = ctx[FACTS] as RequestFacts | undefined;
  if (!facts) throw new Error('This request has no facts. Mount requestId() before everything else.');
  return facts;
}

/** This request's id: a UUIDv7 in lower case. */
export function requestIdOf(ctx: Context): string {
  return factsOf(ctx).id;
}

/** The nonce of this answer's `Content-Security-Policy`, in base64. */
export function nonceOf(ctx: Context): string {
  return factsOf(ctx).nonce;
}

/** The address of whoever asks, behind the proxies we trust. */
export function addressOf(ctx: Context): string {
  return factsOf(ctx).address;
}

/** Who is asking, or null where nobody is known. */
export function askerOf(ctx: Context): Asker | null {
  return factsOf(ctx).asker;
}

/** Who is asking. Throws `NotSignedIn`. */
export function actorOf(ctx: Context): Asker {
  const { asker } = factsOf(ctx);
  if (!asker) throw new NotSignedIn();
  return asker;
}

/** The person who is asking. Throws `NotSignedIn`, and `NotAllowed` where a program is asking. */
export function personOf(ctx: Context): Person {
  const asker = actorOf(ctx);
  if (asker.by !== 'sign-in') throw new NotAllowed('This is for people who are signed in, not for API keys.');
  return asker;
}

/** The form that was sent; no fields where the body was none. */
export function formOf(ctx: Context): Form {
  const { body } = factsOf(ctx);
  return body.kind === 'form' ? body.fields : {};
}

/** The file that came with the form, in pieces; null where there is none. */
export function fileOf(ctx: Context): readonly Uint8Array[] | null {
  const { body } = factsOf(ctx);
  return (body.kind === 'form' && body.file) || null;
}

/** The JSON that was sent; undefined where the body was none. */
export function jsonOf(ctx: Context): unknown {
  const { body } = factsOf(ctx);
  return body.kind === 'json' ? body.value : undefined;
}

/**
 * True for paths of programs and scripts, which get problems as JSON and are never sent to a page. The case of the letters
 * does not matter, because it does not to the router.
 */
export function isForPrograms(path: string): boolean {
  return /^\/(api(?=\/)|proxy|_token_refresh|healthz|readyz)(\/|$)/i.test(path);
}

/** True for paths of the relay, likewise. */
export function isForRelay(path: string): boolean {
  return /^\/proxy(\/|$)/i.test(path);
}

/** True when a person waits for a page: not a path of programs, and HTML is asked for before JSON. */
export function wantsPage(ctx: Context): boolean {
  return !isForPrograms(ctx.path) && ctx.accepts('json', 'html') === 'html';
}
