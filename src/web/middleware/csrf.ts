import type { Context, Middleware } from 'koa';
import { isSafeMethod } from '../../kernel/exchange.ts';
import { NotAllowed } from '../../kernel/errors.ts';
import { askerOf, formOf, isForPrograms } from '../context.ts';

/** The form field and the header that carry a sign-in's token. */
export const CSRF_FIELD = 'csrf';
export const CSRF_HEADER = 'X-CSRF-Token';

/** Makes and checks the token that belongs to one sign-in; see `secrets/`. */
export interface CsrfTokens {
  tokenFor(signInId: string): string;
  matches(signInId: string, token: string): boolean;
}

interface Parts {
  readonly publicUrl: string;
  readonly tokens: CsrfTokens;
}

/**
 * Refuses what another site's page sends in a signed-in person's name (the rule of Go 1.25's CrossOriginProtection,
 * stricter): an unsafe method needs `Sec-Fetch-Site: same-origin`; without that header, our own `Origin`; without both,
 * the sign-in's token. A token that is there must be right in any case. Where nobody is signed in, no token is asked for,
 * and programs with a key of their own are let through. Mount it after the body is read.
 */
export function csrf({ publicUrl, tokens }: Parts): Middleware {
  return async function csrf(ctx, next) {
    const asker = askerOf(ctx);
    if (!isSafeMethod(ctx.method) && (asker ? asker.by === 'sign-in' : !isForPrograms(ctx.path))) {
      const isOurs = isFromOurPage(ctx, publicUrl);
      const token = formOf(ctx)[CSRF_FIELD] ?? ctx.get(CSRF_HEADER);
      const signInId = asker?.by === 'sign-in' ? asker.signInId : undefined;
      if (isOurs === false || !isTokenRight(signInId, token, isOurs === null, tokens)) {
        throw new NotAllowed('This did not come from a page of Callbook. Load the page again and try once more.');
      }
    }
    await next();
  };
}

/** What the browser says; null where it says nothing. */
function isFromOurPage(ctx: Context, publicUrl: string): boolean | null {
  const site = ctx.get('Sec-Fetch-Site');
  if (site) return site === 'same-origin';
  const origin = ctx.get('Origin');
  return origin ? origin === publicUrl : null;
}

function isTokenRight(signInId: string | undefined, token: string, isNeeded: boolean, tokens: CsrfTokens): boolean {
  if (signInId === undefined) return true;
  return token === '' ? !isNeeded : tokens.matches(signInId, token);
}
