import { Router } from '@koa/router';
import type { Context } from 'koa';
import type { Gatekeeper } from '../../services/gatekeeper.ts';
import { addressOf, askerOf, formOf } from '../context.ts';
import { orFormAgain } from '../forms/form-again.ts';
import { readSignInForm } from '../forms/sign-in-form.ts';
import { localPath } from '../local-path.ts';
import { signInPage } from '../presenters/entrance-page.ts';
import { seeOther } from '../redirect.ts';
import type { Render } from '../render.ts';
import type { SessionCookie } from '../session-cookie.ts';

interface Door {
  readonly gatekeeper: Gatekeeper;
  readonly cookie: SessionCookie;
}

interface Parts extends Door {
  readonly render: Render;
}

/** Coming in and going out. */
export function signInRoutes({ gatekeeper, cookie, render }: Parts): Router {
  const router = new Router();

  router.get('/sign-in', async (ctx) => {
    const next = localPath(String(ctx.query.next ?? ''));
    if (!(await gatekeeper.isSetUp())) seeOther(ctx, '/setup');
    else if (askerOf(ctx)) seeOther(ctx, next);
    else await render(ctx, 'sign-in/new', signInPage({ next }, null));
  });

  router.post('/sign-in', (ctx) =>
    orFormAgain(
      ctx,
      async () => {
        const { email, password, next } = readSignInForm(formOf(ctx));
        await signInHere(ctx, { gatekeeper, cookie }, { email, password });
        seeOther(ctx, next);
      },
      ([fault]) => {
        const { email = '', next } = formOf(ctx);
        return render(ctx, 'sign-in/new', signInPage({ email, next: localPath(next) }, fault?.detail ?? null));
      },
    ),
  );

  router.post('/sign-out', async (ctx) => {
    const token = cookie.read(ctx);
    if (token) await gatekeeper.signOut(token);
    cookie.clear(ctx);
    seeOther(ctx, '/sign-in');
  });

  return router;
}

/** Signs the browser of this request in, and ends whatever sign-in it came with. Throws as `Gatekeeper.signIn` does. */
export async function signInHere(
  ctx: Context,
  { gatekeeper, cookie }: Door,
  credentials: { readonly email: string; readonly password: string },
): Promise<void> {
  const { token, expiresAt } = await gatekeeper.signIn({ ...credentials, ...browserOf(ctx, cookie) });
  cookie.write(ctx, token, expiresAt);
}

/** What the gatekeeper notes of the browser of this request, with the token it came with. */
export function browserOf(ctx: Context, cookie: SessionCookie) {
  return { address: addressOf(ctx), userAgent: ctx.get('User-Agent'), previousToken: cookie.read(ctx) };
}
