import { Router } from '@koa/router';
import type { Context } from 'koa';
import type { FieldFault } from '../../kernel/errors.ts';
import type { Gatekeeper } from '../../services/gatekeeper.ts';
import { addressOf, formOf } from '../context.ts';
import { orFormAgain } from '../forms/form-again.ts';
import { readSetupForm } from '../forms/setup-form.ts';
import { setupPage } from '../presenters/entrance-page.ts';
import { faultsByField } from '../presenters/field-faults.ts';
import { seeOther } from '../redirect.ts';
import type { Render } from '../render.ts';
import type { SessionCookie } from '../session-cookie.ts';
import { signInHere } from './sign-in.ts';

const FIELDS = ['code', 'email', 'password'];

interface Parts {
  readonly gatekeeper: Gatekeeper;
  readonly cookie: SessionCookie;
  readonly render: Render;
}

/** The first start: making the owner, who is signed in at once. */
export function setupRoutes({ gatekeeper, cookie, render }: Parts): Router {
  const router = new Router();

  function show(ctx: Context, faults: readonly FieldFault[] = []): Promise<void> {
    const { code = '', email = '' } = formOf(ctx);
    return render(ctx, 'setup/new', setupPage({ code, email }, faultsByField(faults, FIELDS)));
  }

  router.get('/setup', async (ctx) => {
    if (await gatekeeper.isSetUp()) seeOther(ctx, '/sign-in');
    else await show(ctx);
  });

  router.post('/setup', (ctx) =>
    orFormAgain(
      ctx,
      async () => {
        const { code, email, password } = readSetupForm(formOf(ctx));
        await gatekeeper.setUp({ code, email, password, address: addressOf(ctx) });
        await signInHere(ctx, { gatekeeper, cookie }, { email, password });
        seeOther(ctx, '/');
      },
      (faults) => show(ctx, faults),
    ),
  );

  return router;
}
