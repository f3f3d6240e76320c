import type { Context, Middleware } from 'koa';
import { Malformed, NotAllowed, NotSignedIn } from '../../kernel/errors.ts';
import { type Asker, mayAct, type Program, type Role } from '../../kernel/role.ts';
import { addressOf, askerOf, factsOf, isForPrograms, isForRelay, wantsPage } from '../context.ts';
import { seeOther } from '../redirect.ts';
import type { SessionCookie } from '../session-cookie.ts';

/** Carries an API key to the relay, where `Authorization` may be a client's own. */
export const KEY_HEADER = 'Callbook-Key';

/** The auth-scheme compares without case (RFC 9110, section 11.1). */
const BEARER = /^bearer(?: +(.*))?$/i;
const OURS = /^cbk_/;

interface Parts {
  readonly gatekeeper: { whoIs(token: string): Promise<Asker | null> };
  readonly keyGate: { whoIs(key: string, address: string): Promise<Program> };
  readonly cookie: SessionCookie;
}

/**
 * Finds out who is asking: on paths of programs by the API key (RFC 6750, section 2.1), which wins, and by the session
 * cookie. The relay takes keys only, so that no page of an API's can ask in the name of whoever is signed in here. Whether
 * that is enough is for `requireRole` to say. Throws `NotSignedIn` and `TooMany` for a key that opens nothing, and
 * `Malformed` for two keys.
 */
export function gate({ gatekeeper, keyGate, cookie }: Parts): Middleware {
  return async function gate(ctx, next) {
    const key = isForPrograms(ctx.path) ? keyOf(ctx) : null;
    const token = key === null && !isForRelay(ctx.path) ? cookie.read(ctx) : null;
    if (key !== null) factsOf(ctx).asker = await keyGate.whoIs(key, addressOf(ctx));
    else if (token) factsOf(ctx).asker = await gatekeeper.whoIs(token);
    await next();
  };
}

/** The key that came along, if any. A bearer token that is none of ours may be meant for the API behind the relay. */
function keyOf(ctx: Context): string | null {
  const bearer = BEARER.exec(ctx.get('Authorization'));
  const token = bearer ? (bearer[1] ?? '').trim() : null;
  const own = ctx.get(KEY_HEADER);
  if (own !== '' && token !== null && OURS.test(token)) {
    throw new Malformed(`Send one API key: as Authorization or as ${KEY_HEADER}, not both.`);
  }
  if (!isForRelay(ctx.path)) return token;
  if (own !== '') return own;
  return token !== null && OURS.test(token) ? token : null;
}

/**
 * Lets those through who have at least `role`. Whoever is not signed in is sent to the sign-in page when a person waits
 * for a page, and gets `NotSignedIn` otherwise; too weak a role gets `NotAllowed`.
 */
export function requireRole(role: Role): Middleware {
  return async function requireRole(ctx, next) {
    const asker = askerOf(ctx);
    if (!asker) return sendToSignIn(ctx);
    if (!mayAct(asker.role, role)) throw new NotAllowed(`This is for ${role}s; your role here is ${asker.role}.`);
    return next();
  };
}

function wayIn(ctx: Context): string {
  return isForRelay(ctx.path) ? `Authorization: Bearer or as ${KEY_HEADER}` : 'Authorization: Bearer, or sign in';
}

function sendToSignIn(ctx: Context): void {
  if (isForPrograms(ctx.path)) throw new NotSignedIn(`Send an API key as ${wayIn(ctx)}.`);
  if (!wantsPage(ctx)) throw new NotSignedIn();
  const next = ctx.method === 'GET' && ctx.url !== '/' ? `?next=${encodeURIComponent(ctx.url)}` : '';
  seeOther(ctx, `/sign-in${next}`);
}
