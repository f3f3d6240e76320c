import type { Context, Middleware } from 'koa';
import { NotAllowed, NotSignedIn } from '../../kernel/errors.ts';
import { type Asker, mayAct, type Role } from '../../kernel/role.ts';
import { askerOf, factsOf, wantsPage } from '../context.ts';
import { seeOther } from '../redirect.ts';
import type { SessionCookie } from '../session-cookie.ts';

interface Parts {
  readonly gatekeeper: { whoIs(token: string): Promise<Asker | null> };
  readonly cookie: SessionCookie;
}

/** Finds out who is asking, by the session cookie. Whether that is enough is for `requireRole` to say. */
export function gate({ gatekeeper, cookie }: Parts): Middleware {
  return async function gate(ctx, next) {
    const token = cookie.read(ctx);
    if (token) factsOf(ctx).asker = await gatekeeper.whoIs(token);
    await next();
  };
}

/**
 * Lets those through who have at least `role`. Whoever is not signed in is sent to the sign-in page when a person waits
 * for a page, and gets `NotSignedIn` otherwise; too weak a role gets `NotAllowed`.
 */
export function requireRole(role: Role): Middleware {
  return async function requireRole(ctx, next) {
    const asker = askerOf(ctx);
    if (!asker) return sendToSignIn(ctx);
    if (!mayAct(asker.role, role)) throw new NotAllowed(`This is for ${role}s; you are ${asker.role} here.`);
    return next();
  };
}

function sendToSignIn(ctx: Context): void {
  if (!wantsPage(ctx)) throw new NotSignedIn();
  const next = ctx.method === 'GET' && ctx.url !== '/' ? `?next=${encodeURIComponent(ctx.url)}` : '';
  seeOther(ctx, `/sign-in${next}`);
}
