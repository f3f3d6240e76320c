import { Router } from '@koa/router';
import type { Context } from 'koa';
import type { Clock } from '../../kernel/clock.ts';
import type { FieldFault } from '../../kernel/errors.ts';
import type { Accounts } from '../../services/people/accounts.ts';
import type { Workspaces } from '../../services/people/workspaces.ts';
import { formOf, personOf } from '../context.ts';
import { orFormAgain } from '../forms/form-again.ts';
import { readPasswordForm } from '../forms/password-form.ts';
import { requireRole } from '../middleware/gate.ts';
import { accountPage } from '../presenters/account-page.ts';
import { faultsByField } from '../presenters/field-faults.ts';
import { seeOther } from '../redirect.ts';
import type { Render } from '../render.ts';

const FIELDS = ['currentPassword', 'newPassword'];

interface Parts {
  readonly accounts: Accounts;
  readonly workspaces: Workspaces;
  readonly clock: Clock;
  readonly render: Render;
}

/** A person's own password, sign-ins and workspaces. */
export function accountRoutes({ accounts, workspaces, clock, render }: Parts): Router {
  const router = new Router();
  const signedIn = requireRole('viewer');

  async function show(ctx: Context, faults: readonly FieldFault[] = []): Promise<void> {
    const { userId, signInId, workspaceId, role, name } = personOf(ctx);
    const lists = { signIns: await accounts.signInsOf(userId), workspaces: await workspaces.ofPerson(userId) };
    const current = { currentSignInId: signInId, currentWorkspaceId: workspaceId };
    const parts = { email: name, role, ...lists, ...current, errors: faultsByField(faults, FIELDS) };
    await render(ctx, 'account/show', accountPage(parts, clock.now()));
  }

  router.get('/account', signedIn, (ctx) => show(ctx));

  router.post('/account/password', signedIn, (ctx) =>
    orFormAgain(
      ctx,
      async () => {
        const { currentPassword, newPassword } = readPasswordForm(formOf(ctx));
        await accounts.changePassword(personOf(ctx), currentPassword, newPassword);
        seeOther(ctx, '/account');
      },
      (faults) => show(ctx, faults),
    ),
  );

  router.post('/account/other-sign-ins/deletion', signedIn, async (ctx) => {
    await accounts.endOtherSignIns(personOf(ctx));
    seeOther(ctx, '/account');
  });

  router.post('/account/sign-ins/:id/deletion', signedIn, async (ctx) => {
    await accounts.endSignIn(personOf(ctx).userId, String(ctx.params.id));
    seeOther(ctx, '/account');
  });

  return router;
}
